import { testPlan } from './benchparts'

testPlan('fused')
