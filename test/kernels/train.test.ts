import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { derivedSizes, type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import { createReferencePpo } from '../../src/reference/ppo'
import { expectClose } from '../support/kernel'
import { trainInPage } from '../support/train'

/** 4 x 16 transitions, 16 optimiser steps an iteration, narrow networks. */
const small = (options: PpoOptions & { iterations?: number } = {}): PpoConfig => {
  const { iterations = 3, ...rest } = options
  const sizes = { numEnvs: 4, numSteps: 16, numMinibatches: 4, updateEpochs: 4, hidden: [8, 8], clipVloss: true }
  const config = { ...sizes, ...rest }
  return resolveConfig({}, { totalTimesteps: iterations * config.numEnvs * config.numSteps, ...config })
}

const train = (config: PpoConfig, env = 'CartPole-v1') => trainInPage({ env, config })

const TIMEOUT = 180_000

const ofAgent = (params: Float32Array, agent: number, numAgents: number): Float32Array =>
  params.slice((agent * params.length) / numAgents, ((agent + 1) * params.length) / numAgents)

// Every training compiles all kernels anew, which takes most of the time here: few trainings, many questions to each.

test('same seed, same bits; agent k of three has those of a solo run with seed + k; nothing crosses on the way', {
  timeout: TIMEOUT,
}, async () => {
  const config = small({ seed: 21, learningRate: 2e-3, numAgents: 3, iterations: 4 })
  const many = await train(config)
  const again = await train(config)
  expect(again.params).toEqual(many.params)
  expect(again.rows).toEqual(many.rows)

  const solo = await train({ ...config, numAgents: 1, seed: 21 + 2 })
  expect(ofAgent(many.params, 2, 3)).toEqual(solo.params)
  expect(many.rows[2]).toEqual(solo.rows[0])
  expect(ofAgent(many.params, 0, 3)).not.toEqual(ofAgent(many.params, 1, 3))

  expect(many.iterations).toBe(4)
  expect(many.rows.map((rows) => rows.map(({ iteration }) => iteration))).toEqual(Array(3).fill([1, 2, 3, 4]))
  // One mapAsync for the metrics of each readback, which has one iteration or several; nothing is written after the
  // initial weights.
  expect(many.calls.mapAsyncs).toBeLessThanOrEqual(4)
  expect(many.calls.mapAsyncs).toBeGreaterThan(0)
  expect(many.calls.writeBuffers).toBe(0)
})

test('a diverging agent ends with finite weights and keeps every bit while another one goes on', {
  timeout: TIMEOUT,
}, async () => {
  // Deep relu networks with steps of size 2 overflow after some iterations, each seed at a different time.
  const diverging: PpoOptions = { activation: 'relu', hidden: Array(12).fill(8), learningRate: 2, annealLr: false }
  const once = { numMinibatches: 1, updateEpochs: 1, maxGradNorm: 1e9 }
  const config = small({ ...diverging, ...once, seed: 2, numAgents: 2, iterations: 4 })
  const many = await train(config)
  const solo = await train({ ...config, numAgents: 1 })
  const last = solo.rows[0].at(-1)!
  expect(last.status).toBe('notFinite')
  expect(last.notFinite).not.toBeNull()
  expect(last.iteration).toBeLessThan(4)
  expect(solo.iterations).toBe(last.iteration)
  expect(many.iterations).toBe(4)
  expect(ofAgent(many.params, 0, 2)).toEqual(solo.params)
  expect(many.params.every(Number.isFinite)).toBe(true)
})

describe('against the reference', { timeout: TIMEOUT }, () => {
  /** The fields of a row that the two sides compute in floats, and those that must be equal. */
  const FLOATS = ['pgLoss', 'vLoss', 'entropy', 'loss', 'approxKl', 'oldApproxKl', 'kl', 'gradNorm'] as const
  const COUNTS = [
    'iteration',
    'timesteps',
    'status',
    'minibatches',
    'updates',
    'episodes',
    'lengthMin',
    'lengthMax',
  ] as const

  /** Trains on both sides, and compares. */
  async function compare(env: string, config: PpoConfig) {
    const result = await train(config, env)
    const reference = createReferencePpo(findEnv(env), config)
    const rows = result.rows[0].map(() => reference.iterate()[0])
    // A step of Adam is at most 1e-3 and its direction right to some 1e-3 where a gradient is near 0, so some 16 of them
    // differ by 1e-5 at most; a sampled action that differed would show as 1e-3.
    const dims = { parameter: result.params.length }
    expectClose(`train(${env}).params`, result.params, reference.params(0), { atol: 1e-5, dims })
    rows.forEach((row, i) => {
      const got = result.rows[0][i]
      for (const name of COUNTS) expect(got[name], `${name} of iteration ${i + 1}`).toEqual(row[name])
      for (const name of FLOATS) expectClose(`train.${name}`, [got[name]], [row[name]], { atol: 2e-5, rtol: 2e-5 })
      expectClose('train.learningRate', [got.learningRate], [row.learningRate], { rtol: 1e-6 })
      expectClose('train.explainedVariance', [got.explainedVariance!], [row.explainedVariance!], { atol: 1e-4 })
      // A ratio within 1e-6 of the range's border may be on either side.
      expect(got.situations.map((n, s) => Math.abs(n - row.situations[s])).reduce((a, b) => a + b)).toBeLessThanOrEqual(
        2,
      )
    })
    return { result, reference, rows }
  }

  test.each([
    ['CartPole-v1', 'clip; no normalisation', { normAdv: false, updateEpochs: 2, plan: 'layered' }],
    [
      'CartPole-v1',
      '65 environments, penalty, relu, no value clip',
      {
        ...{ numEnvs: 65, numSteps: 4, numMinibatches: 2, updateEpochs: 2 },
        ...{
          algorithm: 'penalty',
          targetKl: 0.01,
          klCoef: 0.5,
          activation: 'relu',
          hidden: [12],
          clipVloss: false,
          plan: 'layered',
        },
      },
    ],
    ['Pendulum-v1', 'gaussian', { updateEpochs: 2 }],
    // All environments reach the limit of 200 steps at once, inside the second iteration.
    ['MountainCar-v0', 'time limits', { numEnvs: 2, numSteps: 110, updateEpochs: 2, plan: 'layered' }],
  ] as [string, string, PpoOptions][])('two iterations of %s: %s', async (env, _, options) => {
    const config = small({ seed: 3, iterations: 2, learningRate: 1e-3, ...options })
    const { result, rows } = await compare(env, config)
    if (env === 'MountainCar-v0') expect(rows.map(({ episodes }) => episodes)).toEqual([0, 2])
    // Control: a reference with another learning rate fails the comparison.
    const other = createReferencePpo(findEnv(env), { ...config, learningRate: 1.1e-3 })
    other.iterate()
    other.iterate()
    expect(() => expectClose('train.params', result.params, other.params(0), { atol: 1e-5 })).toThrow('train.params[')
  })

  test('early stop: the minibatches of the reference, fewer steps, weights that stay', async () => {
    const config = small({ seed: 5, learningRate: 1e-3, iterations: 2, targetKl: 1e-5 })
    const { rows } = await compare('CartPole-v1', config)
    // The reference measures 5.4e-6 before the second step of the first iteration and 1.2e-5 before the third.
    expect(rows[0]).toMatchObject({ minibatches: 3, updates: 2 })
    expect(derivedSizes(config).numUpdates).toBe(16)
  })
})

test('the ratio is 1 on the first minibatch of the first epoch; one step later it trips the tightest early stop', {
  timeout: TIMEOUT,
}, async () => {
  const options = { seed: 5, numMinibatches: 1, learningRate: 1e-2, iterations: 2 }
  const one = await train(small({ ...options, updateEpochs: 1 }))
  for (const { approxKl, oldApproxKl, clipfrac } of one.rows[0]) {
    // approxKl is the mean of logratio^2 / 2 near 0: below this sum no ratio of the 64 is off by more than 1e-5.
    expect(approxKl * 2 * 64).toBeLessThanOrEqual(1e-10)
    expect(Math.abs(oldApproxKl)).toBeLessThanOrEqual(1e-6)
    expect(clipfrac).toBe(0)
  }
  // Control: the second minibatch has a changed policy. It is evaluated, and changes nothing.
  const tight = await train(small({ ...options, updateEpochs: 4, targetKl: 1e-9 }))
  for (const row of tight.rows[0]) {
    expect(row).toMatchObject({ minibatches: 2, updates: 1, status: expect.stringMatching(/running|finished/) })
    expect(row.approxKl).toBeGreaterThan(1e-7)
  }
  expect(tight.rows[0].map(({ gradNorm }) => gradNorm)).toEqual(one.rows[0].map(({ gradNorm }) => gradNorm))
  expect(tight.params).toEqual(one.params)
})
