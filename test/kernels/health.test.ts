import { describe, expect, test } from 'vitest'
import { policySlots } from '../../src/kernels'
import { HEALTH_BUFFERS, type NotFinite } from '../../src/metrics'
import { type RecordLayout, recordLayout } from '../../src/record'
import { health } from '../../src/reference/health'
import {
  columnOf,
  expectUntouched,
  gates,
  makeRecords,
  randomArray,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
  structsOf,
  unwrittenWords,
} from '../support/kernel'

const shape = shapeOf(3, 5)
const record = recordLayout(shape)
const slots = policySlots(shape)
const structs = structsOf('health', slots)
const STOP_STRIDE = 4

/** A number to put at (agent, step, env) of a field. */
interface Bad {
  agent: number
  step: number
  env: number
  field: keyof RecordLayout
  entry?: number
  value: number
}

/** Runs three agents, the second one halted, over healthy records with `bad` put in. */
async function run(numSteps: number, numEnvs: number, bad: Bad[]) {
  const numAgents = 3
  const agentRows = (numSteps + 1) * numEnvs
  const random = randomNumbers(1)
  const transitions = makeRecords(shape, numAgents * agentRows) // everything that is not looked at is NaN
  for (let agent = 0; agent < numAgents; agent++) {
    const n = numSteps * numEnvs
    const first = agent * agentRows
    setColumn(shape, transitions, 'obs', randomArray(n * 3, random, 3e38), first)
    setColumn(shape, transitions, 'oldOut', randomArray(n * 5, random, 1e-30), first)
    setColumn(shape, transitions, 'value', randomArray(n, random), first)
    setColumn(shape, transitions, 'reward', randomArray(n, random), first)
  }
  for (const { agent, step, env, field, entry = 0, value } of bad) {
    transitions[(agent * agentRows + step * numEnvs + env) * record.stride + record[field] + entry] = value
  }
  const buffers = {
    transitions,
    stop: gates(numAgents, STOP_STRIDE, { 1: [0] }),
    rollout_stats: unwrittenWords(numAgents * structs.words('RolloutStats')),
  }
  const after = await runKernel({
    stem: 'health',
    slots,
    args: { numEnvs, numSteps, stopStride: STOP_STRIDE },
    buffers,
    outputs: ['stop', 'rollout_stats'],
    workgroups: [numAgents, 1, 1],
  })
  const found = [0, 1, 2].map((agent): NotFinite | null => {
    const stats = structs.read('RolloutStats', after.rollout_stats, agent)
    if (stats.badBuffer === 0) return null
    return { buffer: HEALTH_BUFFERS[stats.badBuffer - 1], step: stats.badStep, env: stats.badEnv }
  })
  const reference = [0, 1, 2].map((agent) => {
    const column = (field: keyof RecordLayout) =>
      columnOf(shape, transitions, field, numSteps * numEnvs, agent * agentRows)
    const [obs, logits, values, rewards] = (['obs', 'oldOut', 'value', 'reward'] as const).map(column)
    return health({
      numSteps,
      numEnvs,
      obsDim: 3,
      actionDim: 5,
      obs,
      obsStride: 3,
      logits,
      outStride: 5,
      values,
      rewards,
    })
  })
  const words = structs.words('RolloutStats')
  expectUntouched(
    'health.rollout_stats',
    after.rollout_stats,
    buffers.rollout_stats,
    (i) => i < 3 * words && i % words < 3,
  )
  expectUntouched('health.stop', after.stop, buffers.stop, (i) => i % STOP_STRIDE === 1)
  return { found, reference, gates: [0, 1, 2].map((agent) => after.stop[agent * STOP_STRIDE + 1]) }
}

const [OPEN, HALTED, NOT_FINITE] = [0, 1, 2]

describe('health', () => {
  test.each([
    [1, 1],
    [123, 7],
    [1, 65],
  ])('finite: %o steps x %o environments', async (numSteps, numEnvs) => {
    const { found, reference, gates } = await run(numSteps, numEnvs, [])
    expect(found).toEqual([null, null, null])
    expect(reference).toEqual(found)
    expect(gates).toEqual([OPEN, HALTED, OPEN])
  })

  test.each([
    ['obs', 'obs', 2, Number.NaN],
    ['logits', 'oldOut', 4, Infinity],
    ['values', 'value', 0, -Infinity],
    ['rewards', 'reward', 0, Number.NaN],
  ] as const)('%s: found, of one agent alone', async (buffer, field, entry, value) => {
    const { found, reference, gates } = await run(5, 65, [{ agent: 2, step: 4, env: 64, field, entry, value }])
    expect(found).toEqual([null, null, { buffer, step: 4, env: 64 }])
    expect(reference).toEqual(found)
    expect(gates).toEqual([OPEN, HALTED, NOT_FINITE])
  })

  test('the first in time is named: step, then environment, then the order in which numbers come about', async () => {
    const late = { agent: 0, step: 3, env: 0, field: 'obs', value: Number.NaN } as const
    const early = { agent: 0, step: 2, env: 6, field: 'reward', value: Number.NaN } as const
    const { found, reference } = await run(5, 7, [
      late,
      early,
      { ...early, field: 'value' },
      { ...late, agent: 2, env: 5 },
      { ...late, agent: 2, env: 4, field: 'reward' },
    ])
    expect(found).toEqual([{ buffer: 'values', step: 2, env: 6 }, null, { buffer: 'rewards', step: 3, env: 4 }])
    expect(reference).toEqual(found)
  })

  test('a halted agent stays halted, whatever its records hold', async () => {
    const { gates } = await run(2, 3, [{ agent: 1, step: 0, env: 0, field: 'obs', value: Number.NaN }])
    expect(gates).toEqual([OPEN, HALTED, OPEN])
  })
})
