import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type CartPoleState, cartPoleTwin } from '../../envs/cartpole/cartpole'
import { cartPole } from '../../envs/cartpole/spec'
import { actionDim, obsDim } from '../../envs/env'
import { ENVS, findEnv } from '../../envs/registry'
import { resolveConfig } from '../../src/config'
import { makeRng, STREAM, uniform } from '../../src/reference/rng'

type Row = [number, number, number, number]

/** Recorded from Gymnasium; see test/golden/README.md. */
const golden = JSON.parse(readFileSync(new URL('../golden/CartPole-v1.json', import.meta.url), 'utf8')) as {
  max_episode_steps: number
  reward_threshold: number
  reset_stats: { n: number; min: Row; max: Row; mean: Row; std: Row }
  /** Columns: state, action, next state, observation, reward, terminated. */
  transitions: { s: Row[]; a: number[]; s2: Row[]; o: Row[]; r: number[]; te: number[] }
  episodes: {
    init: Row
    actions: number[]
    states: Row[]
    states_stride: number
    len: number
    ret: number
    terminated: boolean
    truncated: boolean
  }[]
}

const FIELDS = ['x', 'x_dot', 'theta', 'theta_dot'] as const
const toState = ([x, x_dot, theta, theta_dot]: Row): CartPoleState => ({ x, x_dot, theta, theta_dot })
const noRng = makeRng(0, 0, STREAM.ENV_STEP, 0)

/** Largest absolute error of a state, in any field. */
const error = (state: CartPoleState, row: Row): number => Math.max(...FIELDS.map((f, i) => Math.abs(state[f] - row[i])))

describe('CartPole-v1 against Gymnasium', () => {
  const { s, a, s2, o, r, te } = golden.transitions

  test(`${s.length} recorded transitions to 1e-12`, () => {
    const obs = new Float64Array(6).fill(Number.NaN)
    for (let i = 0; i < s.length; i++) {
      const state = toState(s[i])
      const result = cartPoleTwin.step(state, [a[i]], noRng)
      expect(error(state, s2[i]), `transition ${i}`).toBeLessThanOrEqual(1e-12)
      expect(result, `transition ${i}`).toEqual({ reward: r[i], terminated: te[i] === 1 })
      cartPoleTwin.observe(toState(s2[i]), obs, 1)
      expect(Array.from(obs), `transition ${i}`).toEqual([Number.NaN, ...o[i], Number.NaN])
    }
    expect(new Set(te)).toEqual(new Set([0, 1]))
  })

  test('the comparison fails for a step that is wrong', () => {
    const state = toState(s[0])
    cartPoleTwin.step(state, [1 - a[0]], noRng)
    expect(error(state, s2[0])).toBeGreaterThan(1e-3)
  })

  test.each(golden.episodes.map((episode, i) => [i, episode] as const))('recorded episode %i', (_, episode) => {
    const state = toState(episode.init)
    let ret = 0
    let terminated = false
    let compared = 0
    episode.actions.forEach((action, t) => {
      expect(terminated).toBe(false)
      const result = cartPoleTwin.step(state, [action], noRng)
      ret += result.reward
      terminated = result.terminated
      if (t % episode.states_stride === 0 || t === episode.len - 1) {
        const row = episode.states[Math.ceil(t / episode.states_stride)]
        // Rounding differences grow along an unstable trajectory.
        if (row) expect(error(state, row), `step ${t}`).toBeLessThanOrEqual(1e-9)
        compared++
      }
    })
    expect(compared).toBeGreaterThanOrEqual(episode.states.length)
    expect(episode.actions).toHaveLength(episode.len)
    expect(ret).toBe(episode.ret)
    expect(terminated).toBe(episode.terminated)
    expect(episode.truncated).toBe(!terminated && episode.len === cartPole.maxEpisodeSteps)
  })
})

describe('CartPole-v1', () => {
  test('a first state takes four uniforms, in the order of its fields', () => {
    const rng = makeRng(7, 3, STREAM.ENV_RESET, 5)
    const again = { ...rng }
    const state = cartPoleTwin.reset(rng)
    for (const field of FIELDS) expect(state[field]).toBeCloseTo(uniform(again) * 0.1 - 0.05, 15)
    expect(rng.draw).toBe(4)
  })

  test("first states are spread as Gymnasium's are", () => {
    const { n } = golden.reset_stats
    const states = Array.from({ length: n }, (_, env) => cartPoleTwin.reset(makeRng(1, 0, STREAM.ENV_RESET, env)))
    FIELDS.forEach((field, i) => {
      const values = states.map((state) => state[field])
      const mean = values.reduce((sum, v) => sum + v, 0) / n
      const std = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n)
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.05)
      expect(Math.max(...values)).toBeLessThan(0.05)
      // Both are samples of size n: five standard errors of the difference of two means (std / sqrt(n) * sqrt(2)).
      expect(Math.abs(mean - golden.reset_stats.mean[i])).toBeLessThan(5 * 0.0289 * Math.sqrt(2 / n))
      expect(std).toBeCloseTo(golden.reset_stats.std[i], 3)
    })
  })

  // Resting at the threshold is not beyond it: the comparison is strict.
  test.each([
    ['right edge', { x: 2.4, x_dot: 0, theta: 0, theta_dot: 0 }, false],
    ['past the right edge', { x: 2.4, x_dot: 1e-9, theta: 0, theta_dot: 0 }, true],
    ['left edge', { x: -2.4, x_dot: 0, theta: 0, theta_dot: 0 }, false],
    ['past the left edge', { x: -2.4, x_dot: -1e-9, theta: 0, theta_dot: 0 }, true],
    ['12 degrees', { x: 0, x_dot: 0, theta: (12 * 2 * Math.PI) / 360, theta_dot: 0 }, false],
    ['over 12 degrees', { x: 0, x_dot: 0, theta: (12 * 2 * Math.PI) / 360, theta_dot: 1e-9 }, true],
    ['under -12 degrees', { x: 0, x_dot: 0, theta: (-12 * 2 * Math.PI) / 360, theta_dot: -1e-9 }, true],
  ])('%s', (_, state, terminated) => {
    expect(cartPoleTwin.step({ ...state }, [0], noRng)).toEqual({ reward: 1, terminated })
  })

  test('the specification agrees with Gymnasium and with the WGSL', () => {
    expect(cartPole.maxEpisodeSteps).toBe(golden.max_episode_steps)
    expect(cartPole.rewardThreshold).toBe(golden.reward_threshold)
    expect(cartPole.wgsl).toContain(`const OBS_DIM = ${obsDim(cartPole)}u;`)
    expect(cartPole.wgsl).toContain(`const ACTION_DIM = ${actionDim(cartPole)}u;`)
    const struct = /struct EnvState \{([^}]*)\}/.exec(cartPole.wgsl)![1]
    const fields = [...struct.matchAll(/^\s*(\w+):/gm)].map((m) => m[1])
    expect(fields).toEqual(Object.keys(cartPoleTwin.reset({ ...noRng })))
  })
})

describe('the registry', () => {
  test('finds each environment by its id', () => {
    for (const spec of ENVS) expect(findEnv(spec.id)).toBe(spec)
  })

  test('each has a valid preset, names for its actions and a README', () => {
    for (const spec of ENVS) {
      expect(() => resolveConfig(spec.preset, {})).not.toThrow()
      expect(spec.actions).toHaveLength(actionDim(spec))
      const readme = new URL(`../../${spec.wgslFile.replace(/[^/]+$/, 'README.md')}`, import.meta.url)
      expect(readFileSync(readme, 'utf8')).toContain(`# ${spec.id}`)
    }
  })

  test.each([
    ['CartPole-v0', 'env: there is no environment "CartPole-v0" (did you mean "CartPole-v1"?). Environments: '],
    ['cartpole', 'env: there is no environment "cartpole" (did you mean "CartPole-v1"?). Environments: '],
    ['', 'env: there is no environment "". Environments: '],
    ['__proto__', 'env: there is no environment "__proto__". Environments: '],
  ])('unknown environment %j', (id, message) => {
    expect(() => findEnv(id)).toThrow(message)
    expect(() => findEnv(id)).toThrow(expect.objectContaining({ name: 'ConfigError' }))
  })
})
