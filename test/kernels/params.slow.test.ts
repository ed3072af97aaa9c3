import { testParams } from './params'

testParams('fused')
testParams('fused, by tiles', true)
