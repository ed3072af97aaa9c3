/** Options that change an iteration, several at a time: a plan against the reference, which has tests of its own. */
import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { compareStages } from '../../src/compare/stages'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { MetricsRow } from '../../src/metrics'
import { initParams } from '../../src/model/init'
import { createReferencePpo, layoutFor } from '../../src/reference/ppo'
import { gpu } from '../support/gpu'
import { expectClose } from '../support/kernel'
import { trainInPage } from '../support/train'

const TIMEOUT = 600_000
const ITERATIONS = 3

/** 6 x 16 transitions, 8 optimiser steps an iteration, narrow networks. */
function small(options: PpoOptions): PpoConfig {
  const sizes = { numEnvs: 6, numSteps: 16, numMinibatches: 4, updateEpochs: 2, hidden: [8, 8], seed: 3 }
  const config = { ...sizes, learningRate: 1e-3, ...options }
  return resolveConfig({}, { totalTimesteps: ITERATIONS * config.numEnvs * config.numSteps, ...config })
}

async function train(env: string, config: PpoConfig): Promise<{ params: Float32Array; rows: MetricsRow[] }> {
  const { params, rows } = await trainInPage({ env, config })
  return { params, rows: rows[0] }
}

function reference(env: string, config: PpoConfig): { params: Float64Array; rows: MetricsRow[] } {
  const ppo = createReferencePpo(findEnv(env), config)
  const rows = Array.from({ length: ITERATIONS }, () => ppo.iterate()[0])
  return { params: ppo.params(0), rows }
}

// A step of Adam is at most the learning rate long and its direction right to some 1e-3 where a gradient is near 0, so
// some 24 steps differ by 1e-5 at 1e-3, ten times that at the adaptive rate's largest.
const PARAMS = { atol: 1e-5 }
const ADAPTED = { atol: 1e-4 }
const FLOATS = ['pgLoss', 'vLoss', 'entropy', 'loss', 'approxKl', 'kl', 'gradNorm', 'learningRate', 'clipfrac'] as const
const COUNTS = ['iteration', 'status', 'minibatches', 'updates', 'epochsDone', 'episodes', 'lengthMax'] as const

const CLIP: PpoOptions = {
  ...{ annealClipCoef: true, clipCoef: 0.02, dualClip: 1.005, annealEntCoef: true, entCoef: 1 },
  ...{ normAdvOver: 'batch', weightDecay: 0.5, actorHidden: [8, 12], criticHidden: [16, 5] },
}
const PENALTY: PpoOptions = {
  ...{ algorithm: 'penalty', targetKl: 0.01, annealEntCoef: true, entCoef: 0.1, vfClipCoef: 0.05, logStdInit: -0.5 },
  ...{
    adaptiveLr: true,
    annealLr: false,
    desiredKl: 1e-3,
    activation: 'silu',
    hiddenGain: 1,
    actorGain: 0.5,
    criticGain: 0.25,
    staggerEpisodes: true,
  },
}

const TRUNK: PpoOptions = { sharedTrunk: true, activation: 'relu' }

const NORMALISED: PpoOptions = { normObs: true, normReward: true, gamma: 0.9 }

/** Everything of a plan. */
export function testOptions(plan: 'layered' | 'fused'): void {
  describe(`${plan} plan`, { timeout: TIMEOUT }, () => {
    test.each([
      ['CartPole-v1', CLIP, PARAMS],
      ['Pendulum-v1', PENALTY, ADAPTED],
      ['Acrobot-v1', TRUNK, PARAMS],
      ['Pendulum-v1', { scaleActions: true, logStdInit: 0.5 }, PARAMS], // some actions are clipped
      ['MountainCar-v0', { ...NORMALISED, numSteps: 110, numMinibatches: 5 }, PARAMS], // all time out at once
    ] as [string, PpoOptions, { atol: number }][])('%s, %o', async (env, options, limit) => {
      const config = small({ ...options, plan })
      const got = await train(env, config)
      const want = reference(env, config)
      expectClose('params', got.params, want.params, limit)
      want.rows.forEach((row, i) => {
        for (const field of COUNTS) expect(got.rows[i][field], field).toEqual(row[field])
        for (const field of FLOATS) expectClose(field, [got.rows[i][field]], [row[field]], { atol: 1e-4, rtol: 1e-4 })
      })
      // Control: without any one of the options the reference gives a different result, so each of them had an effect.
      for (const name of Object.keys(options).filter((key) => !key.startsWith('num')) as (keyof PpoOptions)[]) {
        const others = { ...options }
        delete others[name]
        const partners: Partial<Record<keyof PpoOptions, (keyof PpoOptions)[]>> = {
          adaptiveLr: ['desiredKl'],
          annealLr: ['adaptiveLr', 'desiredKl'],
          desiredKl: ['adaptiveLr'],
          algorithm: ['targetKl'],
          targetKl: ['algorithm'],
        }
        for (const partner of partners[name] ?? []) delete others[partner]
        const without = reference(env, small({ ...others, plan }))
        expect(() => expectClose(`without ${name}`, got.params, without.params, limit), name).toThrow('without')
      }
    })

    test('stage by stage: schedules, staggered episodes, the adaptive rate and a shared trunk after two iterations', async () => {
      const config = small({
        ...{ annealClipCoef: true, annealEntCoef: true, entCoef: 0.1, dualClip: 1.01, normAdvOver: 'batch' },
        ...{ adaptiveLr: true, annealLr: false, desiredKl: 1e-3, weightDecay: 0.1, staggerEpisodes: true, plan },
        ...{ normObs: true, normReward: true, sharedTrunk: true },
      })
      const dump = await (await gpu()).call('stages', { env: 'MountainCar-v0', config, warmup: 2 })
      expect(dump.remaining).toBeCloseTo(1 / 3, 6)
      const stages = compareStages(findEnv('MountainCar-v0'), config, dump)
      expect(stages.filter(({ ok }) => !ok)).toEqual([])
      expect(stages.map(({ stage }) => stage)).toContain('normaliser')
    })

    test('stage by stage: scaled actions', async () => {
      const config = small({ scaleActions: true, plan })
      const dump = await (await gpu()).call('stages', { env: 'Pendulum-v1', config, warmup: 1 })
      expect(compareStages(findEnv('Pendulum-v1'), config, dump).filter(({ ok }) => !ok)).toEqual([])
      // Control: the dump does not agree with a policy that acts in the environment's own units.
      const unscaled = compareStages(findEnv('Pendulum-v1'), { ...config, scaleActions: false }, dump)
      expect(unscaled.filter(({ ok }) => !ok).length).toBeGreaterThan(0)
    })

    test('agent 1 of two has the bits of a solo run with its seed; the statistics are its own', async () => {
      const options: PpoOptions = {
        ...NORMALISED,
        normAdvOver: 'batch',
        staggerEpisodes: true,
        sharedTrunk: true,
        plan,
      }
      const call = (config: PpoConfig) => trainInPage({ env: 'Pendulum-v1', config })
      const two = await call(small({ ...options, numAgents: 2 }))
      const solo = await call(small({ ...options, seed: 4 }))
      expect(two.params.slice(two.params.length / 2)).toEqual(solo.params)
      expect(two.normalisers[1]).toEqual(solo.normalisers[0])
      expect(two.normalisers[0]).not.toEqual(two.normalisers[1])
      expect(solo.normalisers[0]!.obs!.count).toBeCloseTo(ITERATIONS * 6 * 16, 0)
    })
  })
}

/** Actor and critic of different depths, in both plans. */
export function testDepths(actorHidden: number[], criticHidden: number[]): void {
  const title = 'networks of different depths, %o and %o, in both plans'
  test.each([[actorHidden, criticHidden]])(title, { timeout: TIMEOUT }, async (actorHidden, criticHidden) => {
    const env = 'Pendulum-v1'
    const config = small({ actorHidden, criticHidden, activation: 'silu' })
    const { params } = reference(env, config)
    const got = await trainInPage({ env, config })
    expect(got.plan).toBe('fused')
    expectClose('fused.params', got.params, params, PARAMS)
    const layered = await trainInPage({ env, config: { ...config, plan: 'layered' } })
    expect(layered.plan).toBe('layered')
    expectClose('layered.params', layered.params, params, PARAMS)
    // Control: initial weights differ from these.
    expect(() => expectClose('params', initParams(layoutFor(findEnv(env), config), config), params, PARAMS)).toThrow()
  })
}
