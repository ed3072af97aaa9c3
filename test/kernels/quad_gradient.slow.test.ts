import { QUADS, testMoreGradients } from './gradients'

testMoreGradients(QUADS)
