import { describe, expect, test } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { createReferencePpo } from '../../src/reference/ppo'
import { OFFSET, steadyEnv } from '../support/steady_env'
import { trainInPage } from '../support/train'

// Sums over many steps, where a running f32 sum drifts.

async function train(spec: EnvSpec<{ x: number }>, options: PpoOptions) {
  const config = resolveConfig({ hidden: [4], numMinibatches: 1, updateEpochs: 1, numEnvs: 1 }, options)
  const { twin: _, ...sent } = spec
  const { rows, normalisers } = await trainInPage({ env: spec.id, spec: sent as never, config })
  return { config, row: rows[0].at(-1)!, rows: rows[0], normaliser: normalisers[0] }
}

describe('the return of an episode of 100,000 steps', () => {
  const STEPS = 100_000
  const shape = { numSteps: STEPS / 2, totalTimesteps: STEPS }
  test.each([0.1, -0.7])(
    'of rewards of %f',
    async (reward) => {
      const { row } = await train(steadyEnv(reward, STEPS), { ...shape, plan: 'fused' })
      expect(row.episodes).toBe(1)
      expect(row.lengthMean).toBe(STEPS)
      const expected = STEPS * Math.fround(reward)
      for (const value of [row.returnMean!, row.returnMin!, row.returnMax!]) {
        expect(Math.abs(value / expected - 1), `${value}, expected ${expected}`).toBeLessThan(1e-5)
      }
      // One running sum has a larger error, so this test can fail.
      let running = 0
      for (let t = 0; t < STEPS; t++) running = Math.fround(running + Math.fround(reward))
      expect(Math.abs(running / expected - 1)).toBeGreaterThan(1e-5)
    },
    120_000,
  )
})

test('the return of an episode of 5,000 steps in the layered plan', async () => {
  const shape = { numSteps: 5000, totalTimesteps: 5000 }
  const { row } = await train(steadyEnv(0.1, 5000), { ...shape, plan: 'layered' })
  expect(row.episodes).toBe(1)
  expect(Math.abs(row.returnMean! / (5000 * Math.fround(0.1)) - 1)).toBeLessThan(2e-6)
})

test('the mean of 50,000 episodes of one step', async () => {
  const { row } = await train(steadyEnv(0.1, 1), { numSteps: 50_000, totalTimesteps: 50_000, plan: 'fused' })
  expect(row.episodes).toBe(50_000)
  expect(row.returnMean! / Math.fround(0.1)).toBeCloseTo(1, 6)
  expect(row.returnStd).toBeLessThan(1e-6)
})

describe('normObs takes mean and variance from the first batch', () => {
  test.each(['fused', 'layered'] as const)('of a feature of 1000 + U(0, 1), %s', async (plan) => {
    const options = { normObs: true, numEnvs: 4, numSteps: 1024, totalTimesteps: 4096, plan }
    const { normaliser } = await train(steadyEnv(0.1, 500), options)
    const { mean, variance, count } = normaliser!.obs!
    expect(count).toBe(4096)
    expect(mean[0]).toBeCloseTo(OFFSET + 0.5, 1)
    // 4,096 draws have a variance within 4 % of 1/12, the sample's own is known from the reference.
    const config = resolveConfig({ hidden: [4], numMinibatches: 1, updateEpochs: 1 }, options)
    const reference = createReferencePpo(steadyEnv(0.1, 500), config)
    reference.iterate()
    const expected = reference.agents[0].normaliser!.stats.obs!
    expect(Math.abs(expected.variance[0] * 12 - 1)).toBeLessThan(0.04)
    expect(Math.abs(variance[0] / expected.variance[0] - 1)).toBeLessThan(0.01)
    expect(Math.abs(mean[0] - expected.mean[0])).toBeLessThan(1e-3)
  })

  test('and the reward from the first returns', async () => {
    const options = { normReward: true, numEnvs: 4, numSteps: 64, totalTimesteps: 512 }
    const { rows, normaliser } = await train(steadyEnv(0.1, 16), options)
    expect(rows).toHaveLength(2)
    const { variance, count } = normaliser!.returns!
    expect(count).toBe(512)
    const reference = createReferencePpo(
      steadyEnv(Math.fround(0.1), 16),
      resolveConfig({ hidden: [4], numMinibatches: 1, updateEpochs: 1 }, options),
    )
    reference.iterate()
    reference.iterate()
    expect(Math.abs(variance[0] / reference.agents[0].normaliser!.stats.returns!.variance[0] - 1)).toBeLessThan(1e-4)
  })
})

test('gamma 0 and a constant reward leave nothing to explain', async () => {
  for (const plan of ['fused', 'layered'] as const) {
    const { rows } = await train(steadyEnv(0.1, 20), { gamma: 0, numEnvs: 8, numSteps: 64, totalTimesteps: 2048, plan })
    expect(rows.map((row) => row.explainedVariance)).toEqual([null, null, null, null])
  }
})
