/**
 * Every environment's twin against recordings of Gymnasium: single transitions, whole episodes, initial states, sizes.
 */
import { describe, expect, test } from 'vitest'
import { acrobot } from '../../envs/acrobot/spec'
import { cartPole } from '../../envs/cartpole/spec'
import { mountainCar } from '../../envs/mountaincar/spec'
import { mountainCarContinuous } from '../../envs/mountaincar_continuous/spec'
import { pendulum } from '../../envs/pendulum/spec'
import { actionDim, type EnvSpec, obsDim, stateDifference } from '../../src/env/contract'
import { makeRng, STREAM } from '../../src/env/rng'
import { reflectStruct } from '../../src/gpu/reflect'
import { replayEnvs, twinOf } from '../../src/reference/replay_envs'
import { constantOf } from '../../src/wgsl/constants'
import { moduleOf } from '../../src/wgsl/module'
import { actionOf, fieldsOf, readGolden, stateOf } from './golden'

const noRng = makeRng(0, 0, STREAM.ENV_STEP, 0)

interface Case {
  spec: EnvSpec
  /** Largest error of a state along a whole episode: rounding differences grow on unstable trajectories. */
  episode: number
  /** [low, high) of each field of the initial state; equal numbers: a constant. */
  reset: [number, number][]
}
const cases: Case[] = [
  { spec: cartPole, episode: 1e-9, reset: Array(4).fill([-0.05, 0.05]) },
  {
    spec: mountainCar,
    episode: 1e-12,
    reset: [
      [-0.6, -0.4],
      [0, 0],
    ],
  },
  {
    spec: mountainCarContinuous,
    episode: 1e-12,
    reset: [
      [-0.6, -0.4],
      [0, 0],
    ],
  },
  { spec: acrobot, episode: 1e-9, reset: Array(4).fill([-0.1, 0.1]) },
  {
    spec: pendulum,
    episode: 1e-9,
    reset: [
      [-Math.PI, Math.PI],
      [-1, 1],
    ],
  },
]

const largestError = (got: ArrayLike<number>, expected: number[]): number =>
  expected.reduce((most, x, i) => Math.max(most, Math.abs(got[i] - x)), 0)

describe.each(cases)('$spec.id against Gymnasium', ({ spec, episode: limit, reset }) => {
  const golden = readGolden(spec.id)
  const twin = twinOf(spec)
  const fields = fieldsOf(spec)
  const { k, s, a, s2, o, r, te } = golden.transitions
  const [nextStates, nextObs] = [s2.flat(), o.flat()]
  const replay = (actions: number[][]) => {
    const states = s.map((row) => stateOf(fields, row))
    const result = replayEnvs(spec, states, actions, 0)
    return { ...result, states: states.flatMap((state) => fields.map((field) => state[field])) }
  }

  test(`${s.length} recorded transitions to 1e-12`, () => {
    const got = replay(a.map(actionOf))
    expect(new Set(k)).toEqual(new Set(['roll', 'wide']))
    // Plain differences: the twin counts whole turns like the original.
    expect(largestError(got.states, nextStates)).toBeLessThanOrEqual(1e-12)
    expect(largestError(got.rewards, r)).toBeLessThanOrEqual(1e-12)
    expect(Array.from(got.terminated)).toEqual(te)
    if (spec !== pendulum) expect(new Set(te)).toEqual(new Set([0, 1]))
    // One rounding to f32, up to 16, of numbers that may differ in the last bit of f64.
    expect(largestError(got.nextObs, nextObs)).toBeLessThanOrEqual(1e-6)
    expect(got.nextObs).toEqual(Float64Array.from(got.nextObs, Math.fround))
  })

  test('the comparison fails for a step that is wrong', () => {
    const { actionSpace: space } = spec
    const opposite = (x: number): number => (space.kind === 'discrete' ? space.n - 1 - x : -x)
    const got = replay(a.map((action) => actionOf(action).map(opposite)))
    expect(largestError(got.states, nextStates)).toBeGreaterThan(1e-3)
  })

  test.each(golden.episodes.map((episode, i) => [i, episode] as const))('recorded episode %i', (_, episode) => {
    const state = stateOf(fields, episode.init)
    let ret = 0
    let terminated = false
    let worst = 0
    episode.actions.forEach((action, t) => {
      expect(terminated).toBe(false)
      const result = twin.step(state, actionOf(action), noRng)
      ret += result.reward
      terminated = result.terminated
      const row = t % episode.states_stride === 0 ? episode.states[t / episode.states_stride] : undefined
      if (row)
        worst = Math.max(
          worst,
          ...fields.map((field, i) => Math.abs(stateDifference(spec, field, state[field], row[i]))),
        )
    })
    expect(worst).toBeLessThanOrEqual(limit)
    expect(episode.actions).toHaveLength(episode.len)
    expect(Math.abs(ret - episode.ret)).toBeLessThanOrEqual(1e-9 * Math.abs(episode.ret))
    expect(terminated).toBe(episode.terminated)
    expect(episode.truncated).toBe(episode.len === spec.maxEpisodeSteps)
  })

  test("first states are spread as Gymnasium's are", () => {
    const { n, mean, std } = golden.reset_stats
    const states = Array.from({ length: n }, (_, env) => twin.reset(makeRng(1, 0, STREAM.ENV_RESET, env)))
    fields.forEach((field, i) => {
      const [low, high] = reset[i]
      const values = states.map((state) => state[field])
      const ours = values.reduce((sum, v) => sum + v, 0) / n
      const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - ours) ** 2, 0) / n)
      const ends = [
        [Math.min(...values), Math.max(...values)],
        [golden.reset_stats.min[i], golden.reset_stats.max[i]],
      ]
      for (const [least, most] of ends) {
        expect(least).toBeGreaterThanOrEqual(low)
        expect(most).toBeLessThanOrEqual(high)
        // Each end is missed by more than 0.2 % of the width with probability 0.998^n = 2e-9.
        expect(Math.max(least - low, high - most)).toBeLessThanOrEqual(0.002 * (high - low))
      }
      // Uniform numbers: the standard error of a mean is sigma / sqrt(n), of a standard deviation sigma sqrt(0.2 / n),
      // with sigma = width / sqrt(12). Both sides are samples of size n, hence the 2; five standard errors.
      const sigma = (high - low) / Math.sqrt(12)
      expect(Math.abs(ours - mean[i])).toBeLessThanOrEqual(5 * sigma * Math.sqrt(2 / n))
      expect(Math.abs(spread - std[i])).toBeLessThanOrEqual(5 * sigma * Math.sqrt((2 * 0.2) / n))
    })
  })

  test('entries of the first state are independent', () => {
    const n = 4000
    const states = Array.from({ length: n }, (_, env) => twin.reset(makeRng(2, 9, STREAM.ENV_RESET, env)))
    const drawn = fields.filter((_, i) => reset[i][0] < reset[i][1])
    for (const [i, x] of drawn.entries()) {
      for (const y of drawn.slice(i + 1)) {
        const xs = states.map((state) => state[x])
        const ys = states.map((state) => state[y])
        // The correlation of independent samples has the standard error 1 / sqrt(n).
        expect(Math.abs(correlation(xs, ys)), `${x}, ${y}`).toBeLessThan(5 / Math.sqrt(n))
      }
    }
  })

  test('the specification agrees with Gymnasium and with the WGSL', () => {
    expect(spec.maxEpisodeSteps).toBe(golden.max_episode_steps)
    expect(spec.rewardThreshold).toBe(golden.reward_threshold)
    expect(obsDim(spec)).toBe(golden.obs_low.length)
    const module = moduleOf(spec.wgsl)
    expect(constantOf(module, 'OBS_DIM')).toBe(obsDim(spec))
    expect(constantOf(module, 'ACTION_DIM')).toBe(actionDim(spec))
    expect(reflectStruct(spec.wgsl, 'EnvState').fields.map(({ name }) => name)).toEqual(fields)
    for (const angle of spec.angles ?? []) expect(fields).toContain(angle)
  })
})

function correlation(xs: number[], ys: number[]): number {
  const mean = (v: number[]) => v.reduce((sum, x) => sum + x, 0) / v.length
  const [mx, my] = [mean(xs), mean(ys)]
  const covariance = mean(xs.map((x, i) => (x - mx) * (ys[i] - my)))
  return covariance / Math.sqrt(mean(xs.map((x) => (x - mx) ** 2)) * mean(ys.map((y) => (y - my) ** 2)))
}
