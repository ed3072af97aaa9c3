import { describe, test } from 'vitest'
import { casesOf, checkBackwardInput } from './layers'

// As forward, times 1 / sqrt(variance) once more.
const LIMIT = { atol: 2e-5, rtol: 1e-5 }

describe('layer_norm_backward_input', () => {
  test.each(casesOf('layer_norm', true))('%s', async (_, c) =>
    checkBackwardInput('layer_norm_backward_input', c, LIMIT),
  )
})
