import { describe, expect, test } from 'vitest'
import { HEALTH_BUFFERS, type NotFinite } from '../../src/metrics'
import { distributionOf } from '../../src/model/distributions/table'
import type { NetworkShape } from '../../src/model/network'
import { policySlots } from '../../src/plan/kernels'
import { type RecordLayout, readMask, recordLayout } from '../../src/plan/transition'
import { FAULT } from '../../src/reference/faults'
import { health } from '../../src/reference/health'
import {
  columnOf,
  endFlags,
  expectUntouched,
  flagged,
  gates,
  makeRecords,
  packedMasks,
  randomArray,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
} from '../support/kernel'

// Two parts of 3 and 2 choices, with masks.
const shape: NetworkShape = { ...shapeOf(3, 5), dist: 'multi_discrete', nvec: [3, 2], masked: true }
const record = recordLayout(shape)
const slots = policySlots(shape)
const STOP_STRIDE = 4

const masksOf = (records: Float32Array, first: number, rows: number): Float32Array =>
  Float32Array.from(
    Array.from({ length: rows }, (_, i) =>
      readMask(records, (first + i) * record.stride + record.mask, record, 5),
    ).flat(),
  )

/** A number to put at (agent, step, env) of a field. */
interface Bad {
  agent: number
  step: number
  env: number
  field: keyof RecordLayout | 'finalObs'
  entry?: number
  value: number
}

/** Runs three agents, the second one halted, on healthy records with `bad` inserted. */
async function run(numSteps: number, numEnvs: number, bad: Bad[], workgroups = 1) {
  const numAgents = 3
  const batch = numSteps * numEnvs
  const agentRows = batch + numEnvs
  const random = randomNumbers(1)
  const transitions = makeRecords(shape, numAgents * agentRows) // everything that must not be checked is NaN
  const final_obs = new Float32Array(numAgents * batch * record.obsStride).fill(Number.NaN)
  for (let agent = 0; agent < numAgents; agent++) {
    const first = agent * agentRows
    const ones = (width = 1, scale = 1) => randomArray(batch * width, random, scale)
    setColumn(shape, transitions, 'obs', randomArray(agentRows * 3, random, 3e38), first)
    setColumn(shape, transitions, 'oldOut', ones(5, 1e-30), first)
    setColumn(shape, transitions, 'action', ones(2), first)
    const allowed = Float32Array.from({ length: batch * 5 }, (_, i) => Number(i % 5 === 2 || i % 5 === 3))
    setColumn(shape, transitions, 'mask', packedMasks(shape, allowed), first)
    setColumn(shape, transitions, 'value', randomArray(agentRows, random), first)
    for (const field of ['logprob', 'reward', 'advantage', 'return'] as const) {
      setColumn(shape, transitions, field, ones(), first)
    }
    // Every third record ends an episode, terminated or truncated; only there a final observation was written.
    const ends = (remainder: number) => Float32Array.from({ length: batch }, (_, i) => Number(i % 6 === remainder))
    setColumn(shape, transitions, 'flags', endFlags(ends(0), ends(3)), first)
    for (let i = 0; i < batch; i += 3) final_obs.fill(1, (agent * batch + i) * 4, (agent * batch + i) * 4 + 3)
  }
  for (const { agent, step, env, field, entry = 0, value } of bad) {
    if (field === 'finalObs') final_obs[(agent * batch + step * numEnvs + env) * record.obsStride + entry] = value
    else transitions[(agent * agentRows + step * numEnvs + env) * record.stride + record[field] + entry] = value
  }
  const buffers = { transitions, final_obs, stop: gates(numAgents, STOP_STRIDE, { 1: [0, 1] }) }
  const after = await runKernel({
    stem: 'health',
    slots,
    args: { numEnvs, numSteps, stopStride: STOP_STRIDE },
    buffers,
    outputs: ['stop'],
    workgroups: [workgroups, numAgents, 1],
  })
  const found = [0, 1, 2].map((agent): NotFinite | null => {
    const word = after.stop[(agent + 1) * STOP_STRIDE - 1]
    if (word === 0) return null
    const [kind, place] = [(0xffffffff - word) % 16, Math.floor((0xffffffff - word) / 16)]
    const row = HEALTH_BUFFERS[kind] === 'advantages' ? 2 * agentRows - 1 - place : place
    return { buffer: HEALTH_BUFFERS[kind], step: Math.floor(row / numEnvs), env: row % numEnvs }
  })
  const reference = [0, 2].map((agent) => {
    const column = (field: keyof RecordLayout, rows = batch) =>
      columnOf(shape, transitions, field, rows, agent * agentRows)
    return health({
      ...{ numSteps, numEnvs, obsDim: 3, actionDim: 5, obsStride: 3, outStride: 5, actionStride: 2, actionCount: 2 },
      obs: column('obs', agentRows),
      logits: column('oldOut'),
      actions: column('action'),
      logprobs: column('logprob'),
      values: column('value', agentRows),
      terminated: flagged(column('flags'), 'terminated'),
      truncated: flagged(column('flags'), 'truncated'),
      faults: flagged(column('flags'), 'stateNotFinite').map((bad) => (bad ? FAULT.stateNotFinite : 0)),
      masks: shape.masked ? masksOf(transitions, agent * agentRows, batch) : null,
      parts: distributionOf(shape).parts,
      rewards: column('reward'),
      finalObs: Float32Array.from({ length: batch * 3 }, (_, i) => {
        return final_obs[(agent * batch + Math.floor(i / 3)) * record.obsStride + (i % 3)]
      }),
      advantages: column('advantage'),
      returns: column('return'),
    })
  })
  expect(reference).toEqual([found[0], found[2]])
  expectUntouched('health.stop', after.stop, buffers.stop, (i) => [1, STOP_STRIDE - 1].includes(i % STOP_STRIDE))
  return { found, gates: [0, 1, 2].map((agent) => after.stop[agent * STOP_STRIDE + 1]) }
}

const [OPEN, HALTED, NOT_FINITE] = [0, 1, 2]

describe('health', () => {
  test.each([
    [1, 1, 1],
    [123, 7, 2],
    [1, 65, 1],
  ])('finite: %o steps x %o environments, %o workgroups', async (numSteps, numEnvs, workgroups) => {
    const { found, gates } = await run(numSteps, numEnvs, [], workgroups)
    expect(found).toEqual([null, null, null])
    expect(gates).toEqual([OPEN, HALTED, OPEN])
  })

  // Step 4 of environment 64 is record 324, which terminated.
  test.each([
    ['obs', 'obs', 2, Number.NaN],
    ['logits', 'oldOut', 4, Infinity],
    ['actions', 'action', 0, Number.NaN],
    ['logprobs', 'logprob', 0, -Infinity],
    ['values', 'value', 0, -Infinity],
    ['states', 'flags', 0, 13],
    ['rewards', 'reward', 0, Number.NaN],
    ['finalObs', 'finalObs', 2, Number.NaN],
    ['advantages', 'advantage', 0, Infinity],
    ['advantages', 'return', 0, Number.NaN],
    ['masks', 'mask', 0, 0],
    ['masks', 'mask', 0, 0b111], // nothing of the second part
    ['masks', 'mask', 0, 0b11000],
  ] as const)('%s, by %s: found, of one agent alone', async (buffer, field, entry, value) => {
    const { found, gates } = await run(5, 65, [{ agent: 2, step: 4, env: 64, field, entry, value }], 3)
    expect(found).toEqual([null, null, { buffer, step: 4, env: 64 }])
    expect(gates).toEqual([OPEN, HALTED, NOT_FINITE])
  })

  test.each([
    ['obs', 'obs'],
    ['values', 'value'],
  ] as const)('%s after the last step', async (buffer, field) => {
    const { found } = await run(5, 65, [{ agent: 0, step: 5, env: 3, field, value: Number.NaN }], 3)
    expect(found).toEqual([{ buffer, step: 5, env: 3 }, null, null])
  })

  test('the first in time is named: step, then environment, then the order in which numbers come about', async () => {
    const late = { agent: 0, step: 3, env: 0, field: 'obs', value: Number.NaN } as const
    const early = { agent: 0, step: 2, env: 6, field: 'reward', value: Number.NaN } as const
    // Advantages spread backwards, so they are not reported if there is any other fault.
    const advantage = { agent: 0, step: 0, env: 0, field: 'advantage', value: Number.NaN } as const
    const { found } = await run(5, 7, [
      late,
      early,
      { ...early, field: 'value' },
      advantage,
      { ...late, agent: 2, env: 5 },
      { ...late, agent: 2, env: 4, field: 'reward' },
    ])
    expect(found).toEqual([{ buffer: 'values', step: 2, env: 6 }, null, { buffer: 'rewards', step: 3, env: 4 }])
    const backwards = await run(5, 7, [advantage, { ...advantage, step: 1, env: 2 }, { ...advantage, step: 1 }])
    expect(backwards.found[0]).toEqual({ buffer: 'advantages', step: 1, env: 2 })
  })

  test('a halted agent stays halted, whatever its records hold', async () => {
    const { found, gates } = await run(2, 3, [{ agent: 1, step: 0, env: 0, field: 'obs', value: Number.NaN }])
    expect(found[1]).toBeNull()
    expect(gates).toEqual([OPEN, HALTED, OPEN])
  })
})
