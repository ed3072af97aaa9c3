import { TILES, testGradient } from './gradients'

testGradient(TILES)
