import { describe, test } from 'vitest'
import { casesOf, checkBackwardInput } from './layers'

// Up to 63 products of numbers below 1, each sum rounded to 6e-8 of up to 10.
const LIMIT = { atol: 5e-6, rtol: 5e-7 }

describe('conv_backward_input', () => {
  test.each(casesOf('conv', true))('%s', async (_, c) => checkBackwardInput('conv_backward_input', c, LIMIT))
})
