import { describe, test } from 'vitest'
import { casesOf, checkBackwardInput } from './layers'

// Sums of 9 numbers below 1, times a derivative.
const LIMIT = { atol: 5e-6, rtol: 5e-7 }

describe('pool_backward', () => {
  test.each(casesOf('pool', true))('%s', async (_, c) => checkBackwardInput('pool_backward', c, LIMIT))
})
