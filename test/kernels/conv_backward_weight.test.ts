import { describe, test } from 'vitest'
import { casesOf, checkBackwardWeight } from './layers'

// Up to 132 products of numbers below 1, each sum rounded to 6e-8 of up to 20.
const LIMIT = { atol: 5e-6, rtol: 5e-7 }

describe('conv_backward_weight', () => {
  test.each(casesOf('conv'))('%s', async (_, c) => checkBackwardWeight('conv_backward_weight', c, LIMIT))
})
