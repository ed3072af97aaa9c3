import { TILES, testMoreGradients } from './gradients'

testMoreGradients(TILES)
