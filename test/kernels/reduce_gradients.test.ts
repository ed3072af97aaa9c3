import { describe, test } from 'vitest'
import { reduceGradients } from '../../src/reference/reduce_gradients'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  perItem,
  randomArray,
  randomNumbers,
  runKernel,
  unwritten,
} from '../support/kernel'

// Up to 123 numbers below 1 in a row, the same order on both sides.
const LIMIT = { atol: 3e-6, rtol: 5e-7 }

describe('reduce_gradients', () => {
  test.each([
    [4, 1],
    [4 * 65, 7], // one workgroup and a thread
    [12, 123],
  ])('%o parameters, %o partials', async (parameterStride, numPartials) => {
    const numAgents = 3
    const partials = randomArray(numAgents * numPartials * parameterStride, randomNumbers(numPartials))
    const gradients = unwritten(numAgents * parameterStride)
    const { gradients: after } = await runKernel({
      stem: 'reduce_gradients',
      args: { parameterStride, numPartials, stopStride: 4, gate: 2 },
      buffers: { stop: gates(numAgents, 4, { 1: [2], 2: [0, 1, 3] }), partials, gradients },
      outputs: ['gradients'],
      workgroups: perItem(parameterStride / 4, numAgents),
    })
    for (const agent of [0, 2]) {
      const expected = new Float64Array(parameterStride)
      const own = partials.subarray(agent * numPartials * parameterStride, (agent + 1) * numPartials * parameterStride)
      reduceGradients(own, numPartials, parameterStride, expected)
      const got = after.subarray(agent * parameterStride, (agent + 1) * parameterStride)
      expectClose(`reduce_gradients(agent ${agent})`, got, expected, { ...LIMIT, dims: { parameter: parameterStride } })
      expectCaught('reduce_gradients', got, expected, LIMIT)
    }
    const live = (i: number) => [0, 2].includes(Math.floor(i / parameterStride))
    expectUntouched('reduce_gradients.gradients', after, gradients, live)
  })
})
