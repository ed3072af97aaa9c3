import { QUADS, testMoreRollouts } from './rollouts'

testMoreRollouts(QUADS)
