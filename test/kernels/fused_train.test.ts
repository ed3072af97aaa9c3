import { expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { compareStages } from '../../src/compare/stages'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { MetricsRow } from '../../src/metrics'
import { initParams } from '../../src/model/init'
import { createReferencePpo, layoutFor } from '../../src/reference/ppo'
import { gpu } from '../support/gpu'
import { expectClose } from '../support/kernel'
import { trainInPage } from '../support/train'

/** 5 x 16 transitions, 16 optimiser steps an iteration on 20 rows each: a tile and a bit. */
const small = (options: PpoOptions & { iterations?: number } = {}): PpoConfig => {
  const { iterations = 2, ...rest } = options
  const sizes = { numEnvs: 5, numSteps: 16, numMinibatches: 4, updateEpochs: 4, hidden: [8, 8], clipVloss: true }
  const config = { plan: 'fused', ...sizes, ...rest } as const
  return resolveConfig({}, { totalTimesteps: iterations * config.numEnvs * config.numSteps, ...config })
}

const train = (config: PpoConfig, env = 'CartPole-v1', withoutSubgroups = false) =>
  trainInPage({ env, config, withoutSubgroups })

const ofAgent = (params: Float32Array, agent: number, numAgents: number): Float32Array =>
  params.slice((agent * params.length) / numAgents, ((agent + 1) * params.length) / numAgents)

const TIMEOUT = 120_000

// Most of the time here is compiling kernels that no earlier training had: few kinds of trainings, many checks of each.

/** The fields of a row that all sides compute in floats, and those that must be equal. */
const FLOATS = ['pgLoss', 'vLoss', 'entropy', 'loss', 'approxKl', 'oldApproxKl', 'kl', 'gradNorm'] as const
const COUNTS = ['iteration', 'status', 'minibatches', 'updates', 'episodes', 'lengthMin', 'lengthMax'] as const

function compareRows(name: string, got: MetricsRow[], want: MetricsRow[]): void {
  expect(got.length).toBe(want.length)
  want.forEach((row, i) => {
    for (const field of COUNTS) expect(got[i][field], `${name}.${field}`).toEqual(row[field])
    for (const field of FLOATS) {
      expectClose(`${name}.${field}`, [got[i][field]], [row[field]], { atol: 2e-5, rtol: 2e-5 })
    }
    expectClose(`${name}.explainedVariance`, [got[i].explainedVariance!], [row.explainedVariance!], { atol: 1e-4 })
    // A ratio within 1e-6 of the range's border may be on either side.
    const apart = got[i].situations.map((n, s) => Math.abs(n - row.situations[s]))
    expect(apart.reduce((a, b) => a + b)).toBeLessThanOrEqual(2)
  })
}

// A step of Adam is at most 1e-3 and its direction right to some 1e-3 where a gradient is near 0, so some 16 of them
// differ by 1e-5 at most; a sampled action that differed would show as 1e-3.
const PARAMS = { atol: 1e-5 }

test('agent k of three has the bits of a solo run with its seed, the weights of the reference and of the layered plan; 54 dispatches an iteration', {
  timeout: TIMEOUT,
}, async () => {
  const config = small({ seed: 21, learningRate: 1e-3, numAgents: 3 })
  const many = await train(config)
  const solo = await train({ ...config, numAgents: 1, seed: 21 + 2 })
  expect(many.plan).toBe('fused')
  expect(ofAgent(many.params, 2, 3)).toEqual(solo.params)
  expect(many.rows[2]).toEqual(solo.rows[0])
  expect(ofAgent(many.params, 0, 3)).not.toEqual(ofAgent(many.params, 1, 3))
  // The reference and the layered plan give the same weights and rows.
  const reference = createReferencePpo(findEnv('CartPole-v1'), { ...config, numAgents: 1, seed: 21 + 2 })
  const rows = solo.rows[0].map(() => reference.iterate()[0])
  expectClose('fused.params', solo.params, reference.params(0), PARAMS)
  compareRows('fused', solo.rows[0], rows)
  const layered = await train({ ...config, numAgents: 1, seed: 21 + 2, plan: 'layered' })
  expect(layered.plan).toBe('layered')
  expectClose('fused.params, layered', solo.params, layered.params, PARAMS)
  compareRows('fused, layered', solo.rows[0], layered.rows[0])
  // With tiles, as on hardware, sums are in a different order.
  const tiles = await train({ ...config, numAgents: 1, seed: 21 + 2 }, 'CartPole-v1', true)
  expectClose('tiles.params', tiles.params, reference.params(0), PARAMS)
  compareRows('tiles', tiles.rows[0], rows)
  expect(tiles.params).not.toEqual(solo.params)
  // One rollout, four kernels that measure it, 4 epochs of 4 minibatches of three each, and control.
  expect(many.dispatchesPerIteration).toBe(1 + 4 + 4 * 4 * 3 + 1)
  expect(many.dispatchesPerIteration).toBeLessThanOrEqual(55)
  expect(many.calls.writeBuffers).toBe(0)
})

test.each([
  [
    'CartPole-v1',
    '65 environments, penalty, relu, three layers, no normalisation',
    {
      ...{ numEnvs: 65, numSteps: 4, numMinibatches: 2, updateEpochs: 2, hidden: [33, 12, 5], activation: 'relu' },
      ...{ algorithm: 'penalty', targetKl: 0.01, klCoef: 0.5, clipVloss: false, normAdv: false },
    },
  ],
  // All environments reach the limit of 200 steps at once, inside the second iteration.
  ['MountainCar-v0', 'time limits', { numEnvs: 2, numSteps: 110, updateEpochs: 2 }],
] as [string, string, PpoOptions][])(
  'two iterations of %s, %s, against the reference',
  { timeout: TIMEOUT },
  async (env, _, options) => {
    const config = small({ seed: 3, learningRate: 1e-3, ...options })
    const fused = await train(config, env)
    expect(fused.plan).toBe('fused')
    const reference = createReferencePpo(findEnv(env), config)
    const rows = fused.rows[0].map(() => reference.iterate()[0])
    expectClose('fused.params', fused.params, reference.params(0), PARAMS)
    compareRows('fused', fused.rows[0], rows)
    if (env === 'MountainCar-v0') expect(rows.reduce((sum, { episodes }) => sum + episodes, 0)).toBe(2)
    // Control: a reference with another learning rate fails the comparison.
    const other = createReferencePpo(findEnv(env), { ...config, learningRate: 1.1e-3 })
    other.iterate()
    other.iterate()
    expect(() => expectClose('fused.params', fused.params, other.params(0), PARAMS)).toThrow('fused.params[')
  },
)

test('stage by stage, as `compare` does it: several ranges of environments, gaussian', {
  timeout: TIMEOUT,
}, async () => {
  const env = 'MountainCarContinuous-v0'
  const config = small({ seed: 7, numEnvs: 35, updateEpochs: 2 })
  const dump = await (await gpu()).call('stages', { env, config, warmup: 1 })
  const stages = compareStages(findEnv(env), config, dump)
  expect(stages.filter(({ ok }) => !ok)).toEqual([])
  expect(stages.map(({ stage }) => stage)).toEqual([
    ...['obs', 'logits', 'actions', 'logprobs', 'values', 'rewards', 'terminated', 'truncated', 'states'].map(
      (name) => `rollout.${name}`,
    ),
    ...['gae.advantages', 'gae.returns', 'loss means', 'gradients'],
    ...['weights after one update', 'weights after one iteration'],
  ])
})

test('early stop: the minibatches of the reference; from the one that trips it on no weight moves', {
  timeout: TIMEOUT,
}, async () => {
  const config = small({ seed: 5, numMinibatches: 1, updateEpochs: 4, learningRate: 1e-2, targetKl: 1e-9 })
  const tight = await train(config)
  const reference = createReferencePpo(findEnv('CartPole-v1'), config)
  const rows = tight.rows[0].map(() => reference.iterate()[0])
  for (const row of tight.rows[0]) {
    expect(row).toMatchObject({ minibatches: 2, updates: 1 })
    expect(row.approxKl).toBeGreaterThan(1e-7)
  }
  compareRows('fused', tight.rows[0], rows)
  // Nothing after the first step changes anything: the weights are those of one epoch alone.
  const one = await train({ ...config, updateEpochs: 1, targetKl: null })
  expect(tight.params).toEqual(one.params)
  // The ratio is 1 on the first minibatch of the first epoch: rollout and gradient are different kernels.
  for (const { approxKl, clipfrac } of one.rows[0]) {
    expect(approxKl * 2 * 80).toBeLessThanOrEqual(1e-10)
    expect(clipfrac).toBe(0)
  }
})

test('a gradient that is not finite: the weights stay, the row says so', { timeout: TIMEOUT }, async () => {
  // After one step of size 2 in deep relu networks everything is finite except the sum of the gradient's squares.
  const deep: PpoOptions = { activation: 'relu', hidden: Array(7).fill(32), learningRate: 2, vfCoef: 1000 }
  const config = small({ ...deep, seed: 1, numMinibatches: 1, updateEpochs: 3, maxGradNorm: 1e9 })
  const bad = await train(config)
  expect(bad.rows[0]).toHaveLength(1)
  expect(bad.rows[0][0]).toMatchObject({
    ...{ status: 'notFinite', minibatches: 2, updates: 1 },
    notFinite: { buffer: 'gradients', step: 1, env: 0 },
  })
  // One step of Adam is as long as the learning rate, or shorter where the gradient is 0 or nearly 0.
  const before = new Float32Array(initParams(layoutFor(findEnv('CartPole-v1'), config), config))
  const moves = bad.params.map((parameter, i) => Math.abs(parameter - before[i]))
  expect(Math.max(...moves)).toBeCloseTo(2, 4)
  expect(bad.params.every(Number.isFinite)).toBe(true)
})
