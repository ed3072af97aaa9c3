/** Resets that get the last state of the episode before, in an environment without a time limit: checked, and trained. */
import { describe, expect, test } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import type { RunKernel } from '../../src/gpu/once'
import { createReferencePpo } from '../../src/reference/ppo'
import { gpu } from '../support/gpu'
import { expectClose } from '../support/kernel'
import { previousEnv } from '../support/previous_env'
import { trainInPage } from '../support/train'

const onPage: RunKernel = async (run) => (await gpu()).call('runKernel', run)
const env = previousEnv as unknown as EnvSpec
const small = { numEnvs: 16, steps: 30 }

describe('check-env', () => {
  test('takes it, and resets after episodes', async () => {
    const report = await checkEnvOn(onPage, env, small)
    expect(report.problems, envReportText(report)).toEqual([])
    expect(report.terminated).toBeGreaterThan(10)
    expect(report.truncated).toBe(0)
  })

  test('finds a twin that forgets the state before, and one that changes it', async () => {
    const forgets = { ...env.twin!, reset: (rng: never) => env.twin!.reset(rng) }
    const { problems } = await checkEnvOn(onPage, { ...env, twin: forgets }, small)
    expect(problems.map(({ check }) => check)).toContain('twin reset')
    expect(problems.map(({ message }) => message).join()).toMatch(
      /reset after an episode, seed \d+, env \d+: state.episode: kernel \d+, twin 1, limit 0, and \d+ before/,
    )
    const changes: typeof env.twin = {
      ...env.twin!,
      reset(rng, params, previous) {
        const state = env.twin!.reset(rng, params, previous)
        if (previous) previous.steps = -1
        return state
      },
    }
    const found = (await checkEnvOn(onPage, { ...env, twin: changes }, small)).problems
    expect(found.map(({ message }) => message).join()).toContain('twin.reset: changes the state `previous`')
  })
})

const configOf = (options: PpoOptions = {}) => {
  const sizes = { numEnvs: 5, numSteps: 16, numMinibatches: 4, updateEpochs: 4, hidden: [8, 8], seed: 3 }
  return resolveConfig({}, { ...sizes, totalTimesteps: 2 * 5 * 16, learningRate: 1e-3, ...options })
}

describe('training', { timeout: 600_000 }, () => {
  test.each([
    ['layered', { plan: 'layered' }, false],
    ['fused, by quads', { plan: 'fused' }, false],
    ['fused, by tiles', { plan: 'fused' }, true],
  ] as const)('%s: the weights and rows of the reference', async (_, options, withoutSubgroups) => {
    const { twin, ...spec } = env
    const got = await trainInPage({ env: env.id, spec, config: configOf(options), withoutSubgroups })
    const play = (played: EnvSpec) => {
      const ppo = createReferencePpo(played, configOf(options))
      return { rows: [ppo.iterate()[0], ppo.iterate()[0]], params: ppo.params(0), agent: ppo.agents[0] }
    }
    const want = play(env)
    const limit = { atol: 1e-5 } // 32 steps of Adam of at most 1e-3, as in choices.ts
    expectClose('params', got.params, want.params, limit)
    for (const [i, row] of want.rows.entries()) {
      expect(got.rows[0][i]).toMatchObject({ status: row.status, episodes: row.episodes })
      expect(got.rows[0][i].episodicReturn).toBeCloseTo(row.episodicReturn!, 5)
    }
    expect(Array.from(want.agent.rollout.truncated).some(Boolean)).toBe(false)
    // Control: resets that forget give other weights.
    const forgets = { ...env, twin: { ...twin!, reset: (rng: never) => twin!.reset(rng) } }
    expect(() => expectClose('params', got.params, play(forgets).params, limit)).toThrow('params[')
  })
})
