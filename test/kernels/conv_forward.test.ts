import { describe, test } from 'vitest'
import { casesOf, checkForward } from './layers'

// Up to 50 products of numbers below 1 and a bias, each sum rounded to 6e-8 of up to 10; tanh adds 3.3e-7.
const LIMIT = { atol: 5e-6, rtol: 5e-7 }

describe('conv_forward', () => {
  test.each(casesOf('conv'))('%s', async (_, c) => checkForward('conv_forward', c, LIMIT))
})
