/** What the tests of several choices at a time share: a small training and the reference; what every plan must do. */
import { describe, expect, test } from 'vitest'
import { replayDumpGpu, replayDumpReference } from '../../harness/verify/dump'
import { readDump } from '../../harness/verify/dumpfile'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { readSafetensors } from '../../src/files/safetensors'
import { createReferencePpo } from '../../src/reference/ppo'
import { choiceEnv } from '../support/choice_env'
import { gpu } from '../support/gpu'
import { expectClose } from '../support/kernel'
import { trainInPage } from '../support/train'

export const TIMEOUT = 600_000
export const asSpec = (env: ReturnType<typeof choiceEnv>) => env as unknown as EnvSpec

export const configOf = (options: PpoOptions = {}) => {
  const sizes = { numEnvs: 5, numSteps: 16, numMinibatches: 4, updateEpochs: 4, hidden: [8, 8], seed: 3 }
  return resolveConfig({}, { ...sizes, totalTimesteps: 2 * 5 * 16, learningRate: 1e-3, ...options })
}

export async function train(env: EnvSpec, options: PpoOptions, withoutSubgroups = false) {
  const { twin: _, ...spec } = env
  return trainInPage({ env: env.id, spec, config: configOf(options), withoutSubgroups })
}

export function reference(env: EnvSpec, options: PpoOptions = {}) {
  const ppo = createReferencePpo(env, configOf(options))
  const rows = [ppo.iterate()[0], ppo.iterate()[0]]
  return { params: ppo.params(0), rows, agent: ppo.agents[0] }
}

export const PLANS: [name: string, options: PpoOptions, withoutSubgroups: boolean][] = [
  ['layered', { plan: 'layered' }, false],
  ['fused, by quads', { plan: 'fused' }, false],
  ['fused, by tiles', { plan: 'fused' }, true],
]

// 16 steps of Adam of at most 1e-3, whose direction is right to some 1e-3 where a gradient is near 0.
export const PARAMS = { atol: 1e-5 }

/** Training in these plans, and the named fault of a mask without a choice. */
export function testPlans(plans: typeof PLANS): void {
  describe('training', { timeout: TIMEOUT }, () => {
    const env = asSpec(choiceEnv())

    test.each(plans)('%s: the weights and rows of the reference', async (_, options, withoutSubgroups) => {
      const got = await train(env, options, withoutSubgroups)
      const want = reference(env, options)
      expectClose('params', got.params, want.params, PARAMS)
      want.rows.forEach((row, i) => {
        expect(got.rows[0][i]).toMatchObject({ status: row.status, episodes: row.episodes, updates: 16 })
        for (const field of ['pgLoss', 'entropy', 'approxKl'] as const) {
          expectClose(field, [got.rows[0][i][field]], [row[field]], { atol: 2e-5, rtol: 2e-5 })
        }
      })
      // Control: without masks the reference gives a different result.
      const { mask: __, ...twin } = env.twin!
      const free = { ...env, twin, wgsl: env.wgsl.replace('env_mask', 'unused_mask') }
      expect(() => expectClose('params', got.params, reference(free, options).params, PARAMS)).toThrow('params[')
    })
  })

  describe('a mask that leaves a part nothing', { timeout: TIMEOUT }, () => {
    const env = asSpec(choiceEnv(2))

    test.each(plans)('%s stops at it, names it, and its dump reproduces it', async (_, options, withoutSubgroups) => {
      const want = reference(env, options).rows[0]
      expect(want).toMatchObject({ status: 'notFinite', notFinite: { buffer: 'masks' } })
      const got = await train(env, options, withoutSubgroups)
      expect(got.rows[0].at(-1)).toMatchObject({ status: 'notFinite', updates: 0, notFinite: want.notFinite })
      expect(got.params.every(Number.isFinite)).toBe(true)
      const [dumped] = got.events.flatMap((event) => (event.type === 'dump' ? [event] : []))
      const dump = readDump(readSafetensors(dumped.bytes), env)
      const sides = [...replayDumpReference(dump), ...(await replayDumpGpu(dump, await gpu()))]
      expect(sides.map(({ worst }) => worst)).toEqual(Array(2).fill('; reproduced: env_mask gives NaN in masks'))
    })
  })
}
