import { describe, test } from 'vitest'
import { casesOf, checkForward } from './layers'

// Sums of 9 numbers below 1, and the activation.
const LIMIT = { atol: 5e-6, rtol: 5e-7 }

describe('pool_forward', () => {
  test.each(casesOf('pool'))('%s', async (_, c) => checkForward('pool_forward', c, LIMIT))
})
