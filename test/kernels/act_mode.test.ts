import { describe, expect, test } from 'vitest'
import { distributionOf } from '../../src/model/distributions/table'
import type { NetworkShape } from '../../src/model/network'
import { policySlots } from '../../src/plan/kernels'
import { recordLayout } from '../../src/plan/transition'
import { actMode } from '../../src/reference/act_mode'
import {
  columnOf,
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  isField,
  makeRecords,
  packedMasks,
  perItem,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
  unwritten,
} from '../support/kernel'

const AGENTS = 3
const LIVE = [0, 2]

async function run(shape: NetworkShape, numEnvs: number, numSteps: number, step: number) {
  const { actionDim, masked } = shape
  const { outStride } = recordLayout(shape)
  const distribution = distributionOf(shape)
  const { parts, actionCount } = distribution
  const random = randomNumbers(actionDim * 100 + numEnvs)
  const agentRows = (numSteps + 1) * numEnvs
  const heads = unwritten(AGENTS * numEnvs * outStride)
  for (let row = 0; row < AGENTS * numEnvs; row++) {
    // Whole numbers, so that many are equal.
    for (let i = 0; i < actionDim; i++)
      heads[row * outStride + i] = parts.length > 0 ? Math.round(2 * random()) : random()
  }
  const transitions = makeRecords(shape, AGENTS * agentRows)
  const masks = Array.from({ length: AGENTS }, () => {
    const mask = Float64Array.from({ length: numEnvs * actionDim }, () => Number(random() > 0))
    let first = 0
    for (const choices of parts) {
      for (let env = 0; env < numEnvs; env++) mask[env * actionDim + first + (env % choices)] = 1
      first += choices
    }
    return mask
  })
  masks.forEach((mask, agent) => {
    if (masked) setColumn(shape, transitions, 'mask', packedMasks(shape, mask), agent * agentRows + step * numEnvs)
  })
  const after = await runKernel({
    stem: 'act_mode',
    slots: policySlots(shape),
    args: { numEnvs, numSteps, stopStride: 3, outputStride: outStride, step },
    buffers: { stop: gates(AGENTS, 3, { 1: [0] }), heads, transitions },
    outputs: ['transitions'],
    workgroups: perItem(numEnvs, AGENTS),
  })
  const inStep = (row: number) =>
    LIVE.includes(Math.floor(row / agentRows)) && Math.floor((row % agentRows) / numEnvs) === step
  expectUntouched('act_mode.transitions', after.transitions, transitions, isField(shape, ['action'], inStep))
  return LIVE.map((agent) => {
    const own = distribution.own ? new Float64Array(actionDim) : null
    const out = Float64Array.from(heads.subarray(agent * numEnvs * outStride, (agent + 1) * numEnvs * outStride))
    const head = { distribution, out, outStride, own, ownOffset: 0, masks: masked ? masks[agent] : null }
    const expected = new Float64Array(numEnvs * actionCount)
    for (let env = 0; env < numEnvs; env++) actMode(head, env, expected, env * actionCount)
    const got = columnOf(shape, after.transitions, 'action', numEnvs, agent * agentRows + step * numEnvs)
    return { got, expected }
  })
}

const SHAPES: [string, NetworkShape][] = [
  ['categorical', shapeOf(4, 2)],
  ['categorical, masked', { ...shapeOf(4, 30), masked: true }],
  ['multi_discrete, masked', { ...shapeOf(4, 9), dist: 'multi_discrete', nvec: [3, 2, 4], masked: true }],
  ['gaussian', { ...shapeOf(4, 3), dist: 'gaussian' }],
]

describe.each(SHAPES)('act_mode, %s', (_, shape) => {
  test.each([
    [1, 1, 0],
    [7, 5, 4],
    [65, 2, 1],
  ])('%o environments, %o steps, step %o', async (numEnvs, numSteps, step) => {
    for (const { got, expected } of await run(shape, numEnvs, numSteps, step)) {
      expectClose('act_mode.actions', got, expected)
      expectCaught('act_mode.actions', got, expected, {})
      expect(got.every(Number.isFinite)).toBe(true)
    }
  })
})
