import { describe, expect, test } from 'vitest'
import { makeRng, STREAM, uniform } from '../../src/env/rng'
import { policySlots } from '../../src/plan/kernels'
import { recordLayout } from '../../src/plan/record'
import { categoricalLogprob, logSumExp } from '../../src/reference/categorical'
import { gaussianLogprob } from '../../src/reference/gaussian'
import { type PolicyHead, sample } from '../../src/reference/sample'
import {
  columnOf,
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  isField,
  makeRecords,
  perItem,
  progressOf,
  randomNumbers,
  runKernel,
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
const LOG_STD_AT = 8
const PARAMETER_STRIDE = 20

// Logits up to 20: a difference of two rounds to 2e-6, exp and log add a few ulp.
const LOGPROB = { atol: 5e-6, rtol: 1e-6 }
// WGSL's log is within 2^-21 near 1, so a small radius of Box and Muller has few digits: sqrt(2 u) at u = 1e-3 is 0.045
// and off by up to 1e-5, times the largest standard deviation, e.
const ACTION = { atol: 3e-5, rtol: 1e-6 }
// z^2 of actions 5 standard deviations away; the smallest standard deviation is 1/e.
const GAUSSIAN_LOGPROB = { atol: 1e-5, rtol: 2e-6 }

async function run(
  dist: 'categorical' | 'gaussian',
  actionDim: number,
  numEnvs: number,
  numSteps: number,
  step: number,
) {
  const shape = shapeOf(3, actionDim, dist)
  const { outStride } = recordLayout(shape)
  const slots = policySlots(shape)
  const structs = structsOf('sample', slots)
  const random = randomNumbers(actionDim * 100 + numEnvs)
  const numAgents = AGENTS.length
  const agentRows = (numSteps + 1) * numEnvs
  const values = numAgents * numEnvs * outStride + 3
  const heads = unwritten(values + numAgents * numEnvs * 4)
  for (let row = 0; row < numAgents * numEnvs; row++) {
    const scale = dist === 'gaussian' ? 2 : row % 3 === 0 ? 20 : 1
    for (let i = 0; i < actionDim; i++) heads[row * outStride + i] = scale * random()
    // A logit this low has probability 0 in f32: never drawn, not even by a scan that falls off the end.
    if (dist === 'categorical' && actionDim > 2) heads[row * outStride + actionDim - 1] = -200
    heads[values + row * 4] = random()
  }
  const parameters = unwritten(numAgents * PARAMETER_STRIDE)
  for (let agent = 0; agent < numAgents; agent++) {
    for (let i = 0; i < actionDim; i++) parameters[agent * PARAMETER_STRIDE + LOG_STD_AT + i] = random()
  }
  const transitions = makeRecords(shape, numAgents * agentRows)
  const { transitions: after } = await runKernel({
    stem: 'sample',
    slots,
    args: {
      numEnvs,
      numSteps,
      stopStride: 3,
      parameterStride: PARAMETER_STRIDE,
      logStd: LOG_STD_AT,
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
  const fields = ['oldOut', 'action', 'logprob', 'value', ...(dist === 'gaussian' ? ['oldLogStd'] : [])] as never[]
  expectUntouched('sample.transitions', after, transitions, isField(shape, fields, inStep))
  return LIVE.map((agent) => {
    const first = agent * agentRows + step * numEnvs
    const column = (field: Parameters<typeof columnOf>[2]) => columnOf(shape, after, field, numEnvs, first)
    const out = heads.slice(agent * numEnvs * outStride, (agent + 1) * numEnvs * outStride)
    const head: PolicyHead = {
      dist,
      actionDim,
      out,
      outStride,
      logStd: dist === 'gaussian' ? parameters : null,
      logStdOffset: agent * PARAMETER_STRIDE + LOG_STD_AT,
    }
    expect([...column('value')]).toEqual(
      Array.from({ length: numEnvs }, (_, e) => heads[values + (agent * numEnvs + e) * 4]),
    )
    expect([...column('oldOut')]).toEqual([...out].filter((_, i) => i % outStride < actionDim))
    const globalStep = AGENTS[agent].iteration * numSteps + step
    return { agent, column, head, globalStep, seed: AGENTS[agent].seed }
  })
}

/** Whether u is so near a border between two actions that rounding may decide. */
function nearBorder(head: PolicyHead, env: number, u: number): boolean {
  const offset = env * head.outStride
  const lse = logSumExp(head.out, offset, head.actionDim)
  let cumulative = 0
  for (let i = 0; i < head.actionDim; i++) {
    cumulative += Math.exp(head.out[offset + i] - lse)
    if (Math.abs(u - cumulative) < 1e-5) return true
  }
  return false
}

describe('sample, categorical', () => {
  test.each([
    [2, 1, 1, 0],
    [5, 7, 123, 122],
    [33, 65, 3, 1],
  ])('%o actions, %o environments, %o steps, step %o', async (actionDim, numEnvs, numSteps, step) => {
    for (const { agent, column, head, globalStep, seed } of await run(
      'categorical',
      actionDim,
      numEnvs,
      numSteps,
      step,
    )) {
      const actions = column('action')
      const logprobs = new Float64Array(numEnvs)
      const drawn = new Set<number>()
      for (let env = 0; env < numEnvs; env++) {
        const reference = new Float64Array(1)
        sample(head, seed, globalStep, env, reference, 0)
        const u = uniform(makeRng(seed, globalStep, STREAM.ACTION, env))
        if (!nearBorder(head, env, u)) expect(actions[env], `agent ${agent}, env ${env}, u ${u}`).toBe(reference[0])
        logprobs[env] = categoricalLogprob(head.out, env * head.outStride, actionDim, actions[env])
        drawn.add(actions[env])
      }
      if (numEnvs === 65) expect(drawn.size).toBeGreaterThan(10)
      if (actionDim > 2) expect(drawn.has(actionDim - 1)).toBe(false)
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
    for (const { column, head, globalStep, seed } of await run('gaussian', actionDim, numEnvs, numSteps, step)) {
      const got = column('action')
      const actions = new Float64Array(numEnvs * actionDim)
      const logprobs = new Float64Array(numEnvs)
      for (let env = 0; env < numEnvs; env++) {
        sample(head, seed, globalStep, env, actions, env * actionDim)
        const { out: means, outStride, logStd, logStdOffset } = head
        const at = { means, offset: env * outStride, logStd: logStd!, logStdOffset, n: actionDim }
        logprobs[env] = gaussianLogprob(at, got, env * actionDim) // of the action that the GPU drew
      }
      const dims = { env: numEnvs, dimension: actionDim }
      expectClose('sample.actions', got, actions, { ...ACTION, dims })
      expectCaught('sample.actions', got, actions, { ...ACTION, dims })
      expectClose('sample.logprobs(gaussian)', column('logprob'), logprobs, {
        ...GAUSSIAN_LOGPROB,
        dims: { env: numEnvs },
      })
      const { logStd, logStdOffset } = head
      const stored = [...column('oldLogStd')]
      expect(stored).toEqual(stored.map((_, i) => logStd![logStdOffset + (i % actionDim)]))
    }
  })
})
