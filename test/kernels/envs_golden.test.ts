/** Every environment's WGSL against Gymnasium's recorded transitions, its first states, and runs that start. */
import { describe, expect, test } from 'vitest'
import { ENVS, findEnv } from '../../envs/registry'
import { resolveConfig } from '../../src/config/config'
import { type EnvSpec, entryNames, stateDifference } from '../../src/env/contract'
import { hasParams } from '../../src/env/params'
import { link } from '../../src/gpu/link'
import { SHADERS } from '../../src/gpu/shaders'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { paramRecords } from '../../src/plan/params'
import { resetEnvs } from '../../src/reference/reset_envs'
import { actionOf, fieldsOf, type Golden, readGolden } from '../envs/golden'
import { gpu } from '../support/gpu'
import {
  expectCaught,
  expectClose,
  perItem,
  pick,
  progressOf,
  runKernel,
  structsOf,
  unwrittenWords,
} from '../support/kernel'
import { testTraining } from './short_training'

/**
 * Largest error of a state or an observation, for `roll` and `wide`, and of a reward, in 1 + |recorded|. The recorded
 * state is rounded to f32 first: 6e-8 of it. Acrobot: one step of 0.2 s amplifies that, the more the faster the links
 * turn, and `wide` goes up to 9 pi rad/s. Pendulum: recorded angles go up to 44 rad, where it is 2e-6, and the reward has
 * their square.
 */
const cases: [string, { roll: number; wide: number }][] = [
  ['CartPole-v1', { roll: 1e-6, wide: 1e-6 }],
  ['MountainCar-v0', { roll: 1e-6, wide: 1e-6 }],
  ['MountainCarContinuous-v0', { roll: 1e-6, wide: 1e-6 }],
  ['Acrobot-v1', { roll: 1e-5, wide: 5e-4 }],
  ['Pendulum-v1', { roll: 1e-5, wide: 1e-5 }],
]

/** The recorded transitions through the kernel, states [transition][field] and observations [transition][entry]. */
async function replay(spec: EnvSpec, { s, a }: Golden['transitions']) {
  const states = Float32Array.from(s.flat())
  const actions = Float32Array.from(a.flatMap(actionOf))
  return (await gpu()).call('transitions', { env: spec.id, states, actions, n: s.length })
}

describe.each(cases)('%s against Gymnasium', (id, limits) => {
  const spec = findEnv(id)
  const fields = fieldsOf(spec)
  const { transitions } = readGolden(id)
  const { k, s, s2, o, r, te } = transitions

  test(`${s.length} recorded transitions`, async () => {
    const got = await replay(spec, transitions)
    expect(Array.from(got.terminated)).toEqual(te)
    for (const kind of ['roll', 'wide'] as const) {
      const rows = k.flatMap((x, i) => (x === kind ? [i] : []))
      expect(rows.length).toBe(500)
      const compare = (name: string, all: Float32Array, recorded: number[][], names: string[]): void => {
        const width = names.length
        const expected = rows.flatMap((i) => recorded[i])
        // Replaces an angle by the equal one (modulo 2 pi) that is nearest to the recorded one.
        const actual = pick(all, expected.length, (i) => rows[Math.floor(i / width)] * width + (i % width)).map(
          (x, i) => expected[i] + stateDifference(spec, names[i % width], x, expected[i]),
        )
        const dims = { [kind]: rows.length, entry: width }
        const limit = { atol: limits[kind], rtol: name === 'rewards' ? limits[kind] : 0, dims }
        expectClose(`${id}.${name}`, actual, expected, limit)
        expectCaught(`${id}.${name}`, actual, expected, limit)
      }
      compare('states', got.states, s2, fields)
      compare('obs', got.obs, o, entryNames(spec))
      compare(
        'rewards',
        got.rewards,
        r.map((x) => [x]),
        ['reward'],
      )
    }
  })

  test('opposite actions are caught', async () => {
    const { actionSpace } = spec
    const opposite = (x: number): number => (actionSpace.kind === 'discrete' ? actionSpace.n - 1 - x : -x)
    const got = await replay(spec, { ...transitions, a: transitions.a.map((a) => actionOf(a).map(opposite)) })
    expect(() => expectClose(`${id}.obs`, got.obs, o.flat(), { atol: limits.wide })).toThrow(`${id}.obs`)
  })
})

describe('variants of CartPole against Gymnasium', () => {
  const { transitions } = readGolden('CartPole-v1')

  test.each([
    ['CartPole-v0', transitions.r],
    ['CartPole-v1-sutton-barto', transitions.te.map((te) => (te ? -1 : 0))],
  ])('%s', async (id, rewards) => {
    const got = await replay(findEnv(id), transitions)
    expect(Array.from(got.terminated)).toEqual(transitions.te)
    expect(Array.from(got.rewards)).toEqual(rewards)
    expectClose(`${id}.states`, got.states, transitions.s2.flat(), { atol: 1e-6 })
  })
})

test('Pendulum-v1 keeps theta within half a turn', async () => {
  const { transitions } = readGolden('Pendulum-v1')
  const { states } = await replay(findEnv('Pendulum-v1'), transitions)
  expect(Math.max(...transitions.s2.map(([theta]) => Math.abs(theta)))).toBeGreaterThan(40)
  // Exceeds pi by a rounding.
  for (let i = 0; i < states.length; i += 2) expect(Math.abs(states[i])).toBeLessThan(Math.PI + 3e-7)
})

// LunarLander's initial states include a step of the solver: test/kernels/lunar_lander.test.ts. Games have whole
// numbers: test/kernels/minatar.test.ts, and check-env.
const drawn = ENVS.filter(({ id }) => !/^(LunarLander|MinAtar|BrickBreaker)/.test(id))

/** Whether it is one of MuJoCo's tasks. */
const isRobot = ({ modules = {} }: EnvSpec): boolean => Object.hasOwn(modules, 'planar/robot')

test.each(drawn.map((spec) => [spec.id, spec] as const))('%s: first states', async (_, spec) => {
  const numEnvs = 65
  const slots = { ...policySlots(networkShape(spec, resolveConfig({}, {}))), ...envSlots(spec) }
  const structs = structsOf('reset_envs', slots)
  const words = structs.words('EnvState')
  const seed = 0xfffffff0
  // Only environments with parameters read it.
  const { code } = link('shaders/reset_envs.wgsl', SHADERS, slots)
  const hyper: Record<string, Uint32Array> = hasParams(spec) ? { hyper: paramRecords(code, spec, {}) } : {}
  const after = await runKernel({
    stem: 'reset_envs',
    slots,
    args: { numEnvs, staggerOver: 0 },
    buffers: {
      progress: progressOf(structs, [{ seed }]),
      ...hyper,
      env_states: unwrittenWords(numEnvs * words),
      episodes: unwrittenWords(numEnvs * structs.words('Episode')),
    },
    outputs: ['env_states'],
    workgroups: perItem(numEnvs, 1),
  })
  // A field may be a list, such as the positions of a robot.
  const expected = resetEnvs(spec, seed, numEnvs).flatMap(({ state }) =>
    Object.values(state as Record<string, number | ArrayLike<number>>).flatMap((field) =>
      typeof field === 'number' ? field : Array.from(field),
    ),
  )
  expect(expected).toHaveLength(numEnvs * words)
  const states = pick(new Float32Array(after.env_states.buffer), expected.length, (i) => i)
  // The uniform numbers are exact; a product and a sum round, of numbers up to pi. Robots have normal numbers, and places
  // of points that follow from their positions, too.
  const atol = isRobot(spec) ? 1e-6 : 1e-7
  expectClose(`${spec.id}.reset`, states, expected, { atol, rtol: 1.2e-7, dims: { env: numEnvs, field: words } })
})

// The others: envs_golden.slow.test.ts. LunarLander takes longest to compile.
testTraining(ENVS.filter(({ id }) => ['CartPole-v1', 'Pendulum-v1'].includes(id)))
