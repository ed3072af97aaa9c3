/** Learning from the sign of rewards, and lives that end the return but not the episode: the GPU against the reference. */
import { describe, expect, test } from 'vitest'
import { compareStages } from '../../src/compare/stages'
import type { AnyEnvSpec } from '../../src/env/contract'
import { gpu } from '../support/gpu'
import { livesEnv } from '../support/lives_env'
import { configOf, expectReference, reference, TIMEOUT, train } from './grids'

describe.each(['layered', 'fused'] as const)('%s', { timeout: TIMEOUT }, (plan) => {
  test.each([
    { signReward: true },
    { episodicLife: true },
    { signReward: true, episodicLife: true, normObs: true },
    { episodicLife: true, normReward: true },
  ])('%j: the weights and rows of the reference', async (learning) => {
    const env = livesEnv(7)
    const options = { plan, numAgents: 2, ...learning }
    const got = await train(env, options)
    const want = reference(env, options)
    expectReference(got, want)
    // Controls: without each of them the result is different.
    for (const name of Object.keys(learning)) {
      expect(() => expectReference(got, reference(env, { ...options, [name]: false })), name).toThrow()
    }
    // Episodes and their returns are those of the game: a life that ends the return does not end the episode.
    const plain = await train(env, { ...options, signReward: false, episodicLife: false })
    expect(got.rows[0][0].episodes).toBe(plain.rows[0][0].episodes)
    expect(got.rows[0][0].returnMean).toBe(plain.rows[0][0].returnMean)
  })

  test('without the options a lost life is nothing', async () => {
    expectReference(await train(livesEnv(), { plan }), reference(livesEnv(), { plan }))
  })
})

test('compare: every stage agrees, and without the options it does not', { timeout: TIMEOUT }, async () => {
  const env = livesEnv(7) as unknown as AnyEnvSpec
  const { twin: _, ...spec } = env
  const config = configOf(env, { signReward: true, episodicLife: true, plan: 'layered' })
  const dump = await (await gpu()).call('stages', { env: env.id, spec, config, warmup: 1 })
  const wrong = (changed: object) =>
    compareStages(env, { ...config, ...changed }, dump).flatMap(({ ok, stage }) => (ok ? [] : [stage]))
  expect(wrong({})).toEqual([])
  expect(wrong({ signReward: false })).toContain('rollout.rewards')
  expect(wrong({ episodicLife: false })).toContain('rollout.terminated')
})
