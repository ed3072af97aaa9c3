import { describe, test } from 'vitest'
import { casesOf, checkBackwardWeight } from './layers'

// As forward, sums of up to 66 of them.
const LIMIT = { atol: 2e-5, rtol: 1e-5 }

describe('layer_norm_backward_weight', () => {
  test.each(casesOf('layer_norm'))('%s', async (_, c) => checkBackwardWeight('layer_norm_backward_weight', c, LIMIT))
})
