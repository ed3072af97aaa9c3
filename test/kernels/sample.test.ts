import { describe, expect, test } from 'vitest'
import { makeRng, STREAM, uniform } from '../../src/env/rng'
import { probabilities } from '../../src/model/distributions/categorical/softmax'
import { type PolicyRows, policyRow } from '../../src/model/distributions/distribution'
import { distributionOf } from '../../src/model/distributions/table'
import type { NetworkShape } from '../../src/model/network'
import { policySlots } from '../../src/plan/kernels'
import { recordLayout } from '../../src/plan/transition'
import { sample } from '../../src/reference/sample'
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
  progressOf,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
  structsOf,
  unwritten,
} from '../support/kernel'

// Three agents, the second one halted.
const AGENTS = [
  { seed: 3, iteration: 0 },
  { seed: 4, iteration: 7 },
  { seed: 0xfffffff0, iteration: 7 },
]
const LIVE = [0, 2]
const OWN_AT = 8
const PARAMETER_STRIDE = 48

// Logits up to 20: a difference of two rounds to 2e-6, exp and log add a few ulp.
const LOGPROB = { atol: 5e-6, rtol: 1e-6 }
// WGSL's log is within 2^-21 near 1, so a small radius of Box and Muller has few digits: sqrt(2 u) at u = 1e-3 is 0.045
// and off by up to 1e-5, times the largest standard deviation, e.
const ACTION = { atol: 3e-5, rtol: 1e-6 }
// z^2 of actions 5 standard deviations away; the smallest standard deviation is 1/e.
const GAUSSIAN_LOGPROB = { atol: 1e-5, rtol: 2e-6 }

async function run(shape: NetworkShape, numEnvs: number, numSteps: number, step: number) {
  const { actionDim, masked } = shape
  const { outStride } = recordLayout(shape)
  const distribution = distributionOf(shape)
  const { parts, own } = distribution
  const slots = policySlots(shape)
  const structs = structsOf('sample', slots)
  const random = randomNumbers(actionDim * 100 + numEnvs)
  const numAgents = AGENTS.length
  const agentRows = (numSteps + 1) * numEnvs
  const values = numAgents * numEnvs * outStride + 3
  const heads = unwritten(values + numAgents * numEnvs * 4)
  for (let row = 0; row < numAgents * numEnvs; row++) {
    const scale = own ? 2 : row % 3 === 0 ? 20 : 1
    for (let i = 0; i < actionDim; i++) heads[row * outStride + i] = scale * random()
    // A logit this low has probability 0 in f32: never drawn, not even when rounding errors leave no choice.
    if (parts.length > 0 && actionDim > 2) heads[row * outStride + actionDim - 1] = -200
    heads[values + row * 4] = random()
  }
  const parameters = unwritten(numAgents * PARAMETER_STRIDE)
  for (let agent = 0; agent < numAgents; agent++) {
    for (let i = 0; i < actionDim; i++) parameters[agent * PARAMETER_STRIDE + OWN_AT + i] = random()
  }
  const transitions = makeRecords(shape, numAgents * agentRows)
  // About half of the choices are forbidden; the first of each part of an even row, the second of an odd one, never is.
  const masks = AGENTS.map(() => {
    const mask = Float64Array.from({ length: numEnvs * actionDim }, () => Number(random() > 0))
    let first = 0
    for (const n of parts) {
      for (let env = 0; env < numEnvs; env++) mask[env * actionDim + first + (env % Math.min(n, 2))] = 1
      first += n
    }
    return mask
  })
  masks.forEach((mask, agent) => {
    if (masked) setColumn(shape, transitions, 'mask', packedMasks(shape, mask), agent * agentRows + step * numEnvs)
  })
  const { transitions: after } = await runKernel({
    stem: 'sample',
    slots,
    args: {
      numEnvs,
      numSteps,
      stopStride: 3,
      parameterStride: PARAMETER_STRIDE,
      own: OWN_AT,
      outputStride: outStride,
      values,
      valueStride: 4,
      step,
    },
    buffers: {
      progress: progressOf(structs, AGENTS),
      stop: gates(numAgents, 3, { 1: [0] }),
      parameters: parameters.subarray(0, numAgents * PARAMETER_STRIDE).slice(),
      heads,
      transitions,
    },
    outputs: ['transitions'],
    workgroups: perItem(numEnvs, numAgents),
  })
  const inStep = (row: number) =>
    LIVE.includes(Math.floor(row / agentRows)) && Math.floor((row % agentRows) / numEnvs) === step
  const fields = ['oldOut', 'action', 'logprob', 'value', ...(own ? ['oldOwn'] : [])] as never[]
  expectUntouched('sample.transitions', after, transitions, isField(shape, fields, inStep))
  return LIVE.map((agent) => {
    const first = agent * agentRows + step * numEnvs
    const column = (field: Parameters<typeof columnOf>[2]) => columnOf(shape, after, field, numEnvs, first)
    const out = heads.slice(agent * numEnvs * outStride, (agent + 1) * numEnvs * outStride)
    const head: PolicyRows = {
      distribution,
      out,
      outStride,
      own: own ? parameters : null,
      ownOffset: agent * PARAMETER_STRIDE + OWN_AT,
      masks: masked ? masks[agent] : null,
    }
    expect([...column('value')]).toEqual(
      Array.from({ length: numEnvs }, (_, e) => heads[values + (agent * numEnvs + e) * 4]),
    )
    expect([...column('oldOut')]).toEqual([...out].filter((_, i) => i % outStride < actionDim))
    const globalStep = AGENTS[agent].iteration * numSteps + step
    return { agent, column, head, globalStep, seed: AGENTS[agent].seed }
  })
}

const discrete = (actionDim: number, masked = false): NetworkShape => ({ ...shapeOf(3, actionDim), masked })
const several = (nvec: number[], masked = false): NetworkShape => ({
  ...shapeOf(
    3,
    nvec.reduce((a, b) => a + b),
  ),
  ...{ dist: 'multi_discrete', nvec, masked },
})

describe('sample, discrete', () => {
  test.each([
    ['2 actions', discrete(2), 1, 1, 0],
    ['5 actions', discrete(5), 7, 123, 122],
    ['33 actions', discrete(33), 65, 3, 1],
    ['33 actions, masked: two numbers of 24 bits', discrete(33, true), 65, 3, 1],
    ['3, 2 and 4 choices', several([3, 2, 4]), 65, 3, 0],
    ['parts of 1, 30 and 2 choices, masked', several([1, 30, 2], true), 65, 3, 2],
    ['parts of 2 and 3 choices, masked', several([2, 3], true), 1, 1, 0],
  ] as const)('%s', async (_, shape, numEnvs, numSteps, step) => {
    for (const { agent, column, head, globalStep, seed } of await run(shape, numEnvs, numSteps, step)) {
      const { distribution } = head
      const count = distribution.actionCount
      const actions = column('action')
      const logprobs = new Float64Array(numEnvs)
      const drawn = new Set<number>()
      for (let env = 0; env < numEnvs; env++) {
        const reference = new Float64Array(count)
        sample(head, seed, globalStep, env, reference, 0)
        const rng = makeRng(seed, globalStep, STREAM.ACTION, env)
        const row = policyRow(head, env)
        for (const [part, choice] of distribution.choices(row).entries()) {
          const u = uniform(rng)
          const action = actions[env * count + part]
          // If u is so near a border between two choices that rounding may decide, either is right.
          let cumulative = 0
          const chances = probabilities(choice)
          const near = chances.some((p) => Math.abs((cumulative += p) - u) < 1e-5)
          if (!near) expect(action, `agent ${agent}, env ${env}, part ${part}, u ${u}`).toBe(reference[part])
          expect(chances[action]).toBeGreaterThan(0)
          drawn.add(1000 * part + action)
        }
        logprobs[env] = distribution.logprob(row, actions, env * count)
      }
      if (numEnvs === 65) expect(drawn.size).toBeGreaterThan(shape.actionDim === 9 ? 7 : 10)
      const last = distribution.parts.at(-1)! - 1
      if (shape.actionDim > 2 && last > 1) expect(drawn.has(1000 * (count - 1) + last)).toBe(false)
      const limits = { ...LOGPROB, dims: { env: numEnvs } }
      expectClose('sample.logprobs', column('logprob'), logprobs, limits)
      expectCaught('sample.logprobs', column('logprob'), logprobs, limits)
    }
  })
})

describe('sample, gaussian', () => {
  test.each([
    [1, 1, 1, 0],
    [3, 7, 123, 122],
    [5, 65, 3, 1],
  ])('%o dimensions, %o environments, %o steps, step %o', async (actionDim, numEnvs, numSteps, step) => {
    const shape = shapeOf(3, actionDim, 'gaussian')
    for (const { column, head, globalStep, seed } of await run(shape, numEnvs, numSteps, step)) {
      const got = column('action')
      const actions = new Float64Array(numEnvs * actionDim)
      const logprobs = new Float64Array(numEnvs)
      for (let env = 0; env < numEnvs; env++) {
        sample(head, seed, globalStep, env, actions, env * actionDim)
        // of the action that the GPU drew
        logprobs[env] = head.distribution.logprob(policyRow(head, env), got, env * actionDim)
      }
      const dims = { env: numEnvs, dimension: actionDim }
      expectClose('sample.actions', got, actions, { ...ACTION, dims })
      expectCaught('sample.actions', got, actions, { ...ACTION, dims })
      expectClose('sample.logprobs(gaussian)', column('logprob'), logprobs, {
        ...GAUSSIAN_LOGPROB,
        dims: { env: numEnvs },
      })
      const { own, ownOffset } = head
      const stored = [...column('oldOwn')]
      expect(stored).toEqual(stored.map((_, i) => own![ownOffset + (i % actionDim)]))
    }
  })
})
