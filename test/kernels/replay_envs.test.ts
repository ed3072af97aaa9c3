import { expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { replayEnvs } from '../../src/reference/replay_envs'
import { actionForEnv } from '../../src/reference/step_envs'
import {
  columnOf,
  expectClose,
  expectUntouched,
  isField,
  makeRecords,
  pick,
  randomNumbers,
  runKernel,
  structsOf,
  unwritten,
  unwrittenWords,
  withTail,
} from '../support/kernel'
import { asStruct, driftEnv, numbersOf, paramsFor } from './envs'

const f32 = Math.fround
// As in step_envs: some roundings of numbers up to 10.
const LIMIT = { atol: 2e-6, rtol: 2e-6 }

test.each([
  ['CartPole-v1', cartPole as EnvSpec, 1],
  ['CartPole-v1', cartPole as EnvSpec, 65],
  ['Drift', driftEnv as EnvSpec, 123],
] as [string, EnvSpec, number][])('replay_envs: $0, $2 transitions', async (_, spec, count) => {
  const shape = networkShape(spec, resolveConfig({}, {}))
  const slots = { ...policySlots(shape), ...envSlots(spec) }
  const structs = structsOf('replay_envs', slots)
  const random = randomNumbers(count)
  const discrete = spec.actionSpace.kind === 'discrete'
  const states = Array.from(
    { length: count },
    (): Record<string, number> =>
      discrete
        ? {
            x: f32(2.38 * random()),
            x_dot: f32(2 * random()),
            theta: f32(0.205 * random()),
            theta_dot: f32(2 * random()),
          }
        : { x: random(), count: Math.floor(2 + 2 * random()) },
  )
  const width = discrete ? 1 : shape.actionDim
  const actions = Float32Array.from({ length: count * width }, () =>
    discrete ? Number(random() > 0) : f32(3 * random()),
  )
  const buffers = {
    transitions: makeRecords(shape, count, { action: actions }),
    env_states: withTail(structs.write('EnvState', states.map(asStruct))),
    next_obs: unwritten(count * shape.obsDim),
    draws: unwrittenWords(count),
    ...paramsFor('replay_envs', slots, spec),
  }
  const after = await runKernel({
    stem: 'replay_envs',
    slots,
    args: { count, seed: 77 },
    buffers,
    outputs: ['transitions', 'env_states', 'next_obs', 'draws'],
    workgroups: [Math.ceil(count / 64), 1, 1],
  })

  const clipped = states.map((_, i) => actionForEnv(spec.actionSpace, actions, i * width))
  const expected = replayEnvs(spec, states, clipped, 77)
  const dims = { transition: count }
  expectClose('replay_envs.rewards', columnOf(shape, after.transitions, 'reward', count), expected.rewards, {
    ...LIMIT,
    dims,
  })
  expectClose('replay_envs.terminated', columnOf(shape, after.transitions, 'flags', count), expected.terminated, {
    dims,
  })
  if (count > 1) expect(new Set(expected.terminated).size).toBe(2)
  const obs = pick(after.next_obs, count * shape.obsDim, (i) => i)
  expectClose('replay_envs.next_obs', obs, expected.nextObs, { ...LIMIT, dims: { ...dims, entry: shape.obsDim } })
  const words = structs.words('EnvState')
  const got = pick(new Float32Array(after.env_states.buffer), count * words, (i) => i)
  expectClose('replay_envs.env_states', got, states.flatMap(numbersOf), { ...LIMIT, dims: { ...dims, field: words } })
  expect([...pick(after.draws, count, (i) => i)]).toEqual([...expected.draws])
  expect(Math.max(...expected.draws)).toBe(discrete ? 0 : 1)
  expectUntouched('replay_envs.draws', after.draws, buffers.draws, (i) => i < count)
  expectUntouched('replay_envs.next_obs', after.next_obs, buffers.next_obs, (i) => i < count * shape.obsDim)
  expectUntouched('replay_envs.env_states', after.env_states, buffers.env_states, (i) => i < count * words)
  const written = isField(shape, ['reward', 'flags'], (row) => row < count)
  expectUntouched('replay_envs.transitions', after.transitions, buffers.transitions, written)
})
