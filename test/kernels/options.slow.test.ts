import { testDepths, testOptions } from './options'

testOptions('fused')
testDepths([12, 8, 8], [])
