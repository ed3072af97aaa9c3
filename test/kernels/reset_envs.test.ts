import { expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import type { EnvSpec } from '../../envs/env'
import { resolveConfig } from '../../src/config'
import { envSlots, policySlots } from '../../src/kernels'
import { networkShape } from '../../src/network'
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
import { asEpisode, driftEnv, numbersOf } from './envs'

// The reset draws exact uniforms; one multiplication by 0.05 or 2 rounds: 6e-8 of values up to 1.
const LIMIT = { atol: 1e-8, rtol: 1.2e-7 }

test.each([
  ['CartPole-v1', cartPole, 1],
  ['CartPole-v1', cartPole, 65],
  ['Drift', driftEnv, 123],
] as [string, EnvSpec, number][])('reset_envs: $0, $2 environments', async (_, spec, numEnvs) => {
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
  }
  const after = await runKernel({
    stem: 'reset_envs',
    slots,
    args: { numEnvs },
    buffers,
    outputs: ['env_states', 'episodes'],
    workgroups: perItem(numEnvs, seeds.length),
  })

  const expected = seeds.flatMap((seed) => resetEnvs(spec, seed, numEnvs))
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
    expect(structs.read('Episode', after.episodes, i)).toEqual(asEpisode(newEpisodeRecord()))
  }
  expectUntouched('reset_envs.env_states', after.env_states, buffers.env_states, (i) => i < rows * stateWords)
  expectUntouched('reset_envs.episodes', after.episodes, buffers.episodes, (i) => i < rows * episodeWords)
})
