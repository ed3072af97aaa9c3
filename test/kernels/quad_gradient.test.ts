import { QUADS, testGradient } from './gradients'

testGradient(QUADS)
