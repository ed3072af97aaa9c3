import { testDepths, testOptions } from './options'

// The fused plan, which takes longer to compile: options.slow.test.ts.
testOptions('layered')
testDepths([8], [12, 8, 8])
