import { QUADS, testRollout } from './rollouts'

testRollout(QUADS)
