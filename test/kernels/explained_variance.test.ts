import { describe, expect, test } from 'vitest'
import { policySlots } from '../../src/plan/kernels'
import { explainedVariance } from '../../src/reference/explained_variance'
import {
  columnOf,
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  makeRecords,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
  structsOf,
  unwrittenWords,
} from '../support/kernel'

const shape = shapeOf(3, 2)
const slots = policySlots(shape)
const structs = structsOf('explained_variance', slots)
// Two sums of up to 1000 squares, relative error some 1e-6 each, in a quotient of about 1.
const LIMIT = { atol: 5e-6 }

/** Three agents, the second one halted; returns of `returnAt`, values of that plus noise. */
async function run(numSteps: number, numEnvs: number, returnAt: (random: () => number) => number) {
  const numAgents = 3
  const n = numSteps * numEnvs
  const agentRows = n + numEnvs
  const random = randomNumbers(n)
  const transitions = makeRecords(shape, numAgents * agentRows)
  for (let agent = 0; agent < numAgents; agent++) {
    const returns = Float32Array.from({ length: n }, () => returnAt(random))
    setColumn(shape, transitions, 'return', returns, agent * agentRows)
    setColumn(
      shape,
      transitions,
      'value',
      returns.map((r) => r + agent * random()),
      agent * agentRows,
    )
  }
  const buffers = {
    stop: gates(numAgents, 3, { 1: [0] }),
    transitions,
    rollout_stats: unwrittenWords(numAgents * structs.words('RolloutStats')),
  }
  const { rollout_stats: after } = await runKernel({
    stem: 'explained_variance',
    slots,
    args: { numEnvs, numSteps, stopStride: 3 },
    buffers,
    outputs: ['rollout_stats'],
    workgroups: [numAgents, 1, 1],
  })
  const words = structs.words('RolloutStats')
  const fields = ['explained', 'explainedVariance'].map((f) => structs.at('RolloutStats', f.replace('V', '_v')))
  expectUntouched('explained_variance.rollout_stats', after, buffers.rollout_stats, (i) => {
    return i < 3 * words && Math.floor(i / words) !== 1 && fields.includes(i % words)
  })
  const stats = [0, 2].map((agent) => structs.read('RolloutStats', after, agent))
  const reference = [0, 2].map((agent) => {
    const column = (field: 'return' | 'value') => columnOf(shape, transitions, field, n, agent * agentRows)
    return explainedVariance(column('return'), column('value'), n)
  })
  return { stats, reference }
}

describe('explained_variance', () => {
  test.each([
    [123, 7],
    [1, 65],
    [2, 1],
  ])('%o steps x %o environments', async (numSteps, numEnvs) => {
    const { stats, reference } = await run(numSteps, numEnvs, (random) => 10 + 2 * random())
    expect(stats.map((s) => s.explained)).toEqual([1, 1])
    const got = stats.map((s) => s.explainedVariance)
    expect(reference[0]).toBe(1)
    expectClose('explained_variance', got, reference as number[], { ...LIMIT, dims: { 'of agents': 2 } })
    expectCaught('explained_variance', got, reference as number[], LIMIT)
  })

  test.each([
    [1, 1],
    [4, 7],
  ])('returns that do not vary, %o steps x %o environments: nothing to explain', async (numSteps, numEnvs) => {
    const { stats, reference } = await run(numSteps, numEnvs, () => 3)
    expect(reference).toEqual([null, null])
    expect(stats.map((s) => [s.explained, s.explainedVariance])).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  // The result of gamma 0 and a constant reward: advantages + values, which differ from the reward only by rounding.
  test.each([
    ['a constant that f32 cannot hold', () => 0.1],
    ['one with its roundings', (random: () => number) => 0.1 * (1 + (random() - 0.5) * 2 ** -22)],
    ['a large one with its roundings', (random: () => number) => -12345 * (1 + (random() - 0.5) * 2 ** -22)],
  ])('%s, in 65,536 records: nothing to explain', async (_, returnAt) => {
    const { stats, reference } = await run(2048, 32, returnAt)
    expect(reference).toEqual([null, null])
    expect(stats.map((s) => s.explained)).toEqual([0, 0])
  })

  test('returns that vary by more than rounding are explained', async () => {
    const { stats, reference } = await run(123, 7, (random) => 1000 + 0.1 * random())
    expect(stats.map((s) => s.explained)).toEqual([1, 1])
    // f32 holds numbers near 1000 to 6e-5, a thousandth of what they vary by.
    expectClose('explained_variance', [stats[0].explainedVariance], [reference[0] as number], { atol: 2e-3 })
  })
})
