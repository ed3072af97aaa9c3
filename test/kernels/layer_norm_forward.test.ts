import { describe, test } from 'vitest'
import { casesOf, checkForward } from './layers'

// Differences of numbers below 1, right to 6e-8, grow by 1 / sqrt(variance), at most 30 here.
const LIMIT = { atol: 2e-5, rtol: 1e-5 }

describe('layer_norm_forward', () => {
  test.each(casesOf('layer_norm'))('%s', async (_, c) => checkForward('layer_norm_forward', c, LIMIT))
})
