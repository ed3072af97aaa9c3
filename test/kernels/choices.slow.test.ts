import { PLANS, testPlans } from './choices'

testPlans(PLANS.slice(2))
