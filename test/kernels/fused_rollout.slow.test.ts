import { TILES, testMoreRollouts } from './rollouts'

testMoreRollouts(TILES)
