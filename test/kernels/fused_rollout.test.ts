import { TILES, testRollout } from './rollouts'

testRollout(TILES)
