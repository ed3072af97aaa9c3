import { describe, expect, test } from 'vitest'
import { gradNorm } from '../../src/reference/grad_norm'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  randomArray,
  randomNumbers,
  runKernel,
  structsOf,
  unwrittenWords,
} from '../support/kernel'

const structs = structsOf('grad_norm')
// A sum of squares has no cancellation: some roundings of 6e-8.
const LIMIT = { rtol: 1e-6 }
const NUM_UPDATES = 3
const UPDATE = 1
const STOP_STRIDE = NUM_UPDATES + 2
const SLOT = 2 + UPDATE
const [OPEN, CLOSED, NOT_FINITE] = [0, 1, 2]

/** Three agents, the second one stopped; `spoil` may change the gradients, [agent][parameterStride]. */
async function run(parameterStride: number, spoil: (gradients: Float32Array) => void = () => {}) {
  const numAgents = 3
  const gradients = randomArray(numAgents * parameterStride, randomNumbers(parameterStride))
  spoil(gradients)
  const buffers = {
    gradients,
    stop: gates(numAgents, STOP_STRIDE, { 1: [SLOT], 2: [0, 1, 2, 4] }),
    update_stats: unwrittenWords(numAgents * NUM_UPDATES * structs.words('UpdateStats')),
  }
  const after = await runKernel({
    stem: 'grad_norm',
    args: { parameterStride, numUpdates: NUM_UPDATES, stopStride: STOP_STRIDE, update: UPDATE },
    buffers,
    outputs: ['stop', 'update_stats'],
    workgroups: [numAgents, 1, 1],
  })
  const words = structs.words('UpdateStats')
  const field = structs.at('UpdateStats', 'grad_norm')
  expectUntouched('grad_norm.update_stats', after.update_stats, buffers.update_stats, (i) => {
    const row = Math.floor(i / words)
    return i % words === field && row % NUM_UPDATES === UPDATE && [0, 2].includes(Math.floor(row / NUM_UPDATES))
  })
  expectUntouched('grad_norm.stop', after.stop, buffers.stop, (i) => i % STOP_STRIDE === SLOT)
  const own = (agent: number) => gradients.subarray(agent * parameterStride, (agent + 1) * parameterStride)
  return {
    got: [0, 2].map((agent) => structs.read('UpdateStats', after.update_stats, agent * NUM_UPDATES + UPDATE).gradNorm),
    expected: [0, 2].map((agent) => gradNorm(own(agent))),
    gates: [0, 1, 2].map((agent) => after.stop[agent * STOP_STRIDE + SLOT]),
  }
}

describe('grad_norm', () => {
  test.each([4, 4 * 65, 4 * 64 * 7 + 4])('%o parameters', async (parameterStride) => {
    const { got, expected, gates } = await run(parameterStride)
    expectClose('grad_norm', got, expected, LIMIT)
    expectCaught('grad_norm', got, expected, LIMIT)
    expect(gates).toEqual([OPEN, CLOSED, OPEN])
  })

  test.each([Number.NaN, Infinity, -Infinity])('%o closes the gate of its agent alone', async (value) => {
    const at = 260 - 1
    const { got, expected, gates } = await run(260, (gradients) => {
      gradients[2 * 260 + at] = value
    })
    expect(gates).toEqual([OPEN, CLOSED, NOT_FINITE])
    expect(Number.isFinite(expected[1])).toBe(false)
    expectClose('grad_norm', got.slice(0, 1), expected.slice(0, 1), LIMIT)
  })

  test('a norm that f32 cannot hold is not finite either', async () => {
    const { gates } = await run(8, (gradients) => {
      gradients[3] = 1e25
    })
    expect(gates).toEqual([NOT_FINITE, CLOSED, OPEN])
  })
})
