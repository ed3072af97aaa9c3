import { expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { newEpisodeRecord } from '../../src/reference/episode_stats'
import { resetEnvs } from '../../src/reference/reset_envs'
import {
  expectClose,
  expectUntouched,
  perItem,
  pick,
  progressOf,
  runKernel,
  structsOf,
  unwrittenWords,
} from '../support/kernel'
import { asEpisode, driftEnv, numbersOf, paramsFor } from './envs'

// The reset draws exact uniforms; one multiplication by 0.05 or 2 rounds: 6e-8 of values up to 1.
const LIMIT = { atol: 1e-8, rtol: 1.2e-7 }

test.each([
  ['CartPole-v1', cartPole, 1, false],
  ['CartPole-v1', cartPole, 65, true],
  ['Drift', driftEnv, 123, true],
  ['Drift', driftEnv, 123, false],
] as [string, EnvSpec, number, boolean][])(
  'reset_envs: $0, $2 environments, staggered $3',
  async (_, spec, numEnvs, stagger) => {
    const slots = { ...policySlots(networkShape(spec, resolveConfig({}, {}))), ...envSlots(spec) }
    const structs = structsOf('reset_envs', slots)
    const seeds = [5, 0xffffffff]
    const stateWords = structs.words('EnvState')
    const episodeWords = structs.words('Episode')
    const rows = seeds.length * numEnvs
    const buffers = {
      progress: progressOf(structs, [{ seed: seeds[0] }, { seed: seeds[1], iteration: 9 }]),
      env_states: unwrittenWords(rows * stateWords),
      episodes: unwrittenWords(rows * episodeWords),
      ...paramsFor('reset_envs', slots, spec, seeds.length),
    }
    const after = await runKernel({
      stem: 'reset_envs',
      slots,
      args: { numEnvs, staggerOver: stagger ? spec.maxEpisodeSteps! : 0 },
      buffers,
      outputs: ['env_states', 'episodes'],
      workgroups: perItem(numEnvs, seeds.length),
    })

    const expected = seeds.flatMap((seed) => resetEnvs(spec, seed, numEnvs, stagger))
    const dims = { agent: 2, env: numEnvs, field: stateWords }
    const states = new Float32Array(after.env_states.buffer)
    const reference = expected.flatMap(({ state }) => numbersOf(state))
    expectClose(
      'reset_envs.env_states',
      pick(states, reference.length, (i) => i),
      reference,
      { ...LIMIT, dims },
    )
    for (let i = 0; i < rows; i++) {
      const { stepsSkipped } = expected[i].episode // an integer on both sides
      expect(structs.read('Episode', after.episodes, i)).toEqual(asEpisode({ ...newEpisodeRecord(), stepsSkipped }))
    }
    const skipped = expected.map(({ episode }) => episode.stepsSkipped)
    expect(skipped.every((n) => n >= 0 && n < spec.maxEpisodeSteps!)).toBe(true)
    if (stagger) {
      // Spread over the whole time limit, and different for another seed.
      expect(Math.min(...skipped)).toBeLessThan(0.1 * spec.maxEpisodeSteps!)
      expect(Math.max(...skipped)).toBeGreaterThan(0.9 * spec.maxEpisodeSteps!)
      expect(skipped.slice(0, numEnvs)).not.toEqual(skipped.slice(numEnvs))
    }
    expectUntouched('reset_envs.env_states', after.env_states, buffers.env_states, (i) => i < rows * stateWords)
    expectUntouched('reset_envs.episodes', after.episodes, buffers.episodes, (i) => i < rows * episodeWords)
  },
)
