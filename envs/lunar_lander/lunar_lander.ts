/**
 * The twin of LunarLander-v3 in float32, as Box2D and Gymnasium compute it: body states, impulses, contacts, observations,
 * rewards and ends are bit-identical to the original.
 */
import type { EnvTwin } from '../../src/env/contract'
import { defaultParams, type EnvParam } from '../../src/env/params'
import type { Touch } from './box2d/contacts'
import type { Load } from './box2d/island'
import { f } from './box2d/math'
import { type Body, type Contact, type Joint, makeWorld } from './box2d/state'
import { stepWorld } from './box2d/world'
import { type Draws, drawsOf } from './draws'
import { engines, originOf } from './engines'

export type LunarLanderState = {
  /** Lander, right leg, left leg. */
  bodies: Body[]
  joints: Joint[]
  /** Height of the moon at x = 0, 2, ..., 20 m. */
  terrain: number[]
  contact_count: number
  contacts: Contact[]
  /** 1 when a leg stands on the ground. */
  legs: [number, number]
  /** Time indices of the wind's force and torque. */
  wind_index: number
  torque_index: number
  /** Power of the main engine in the latest step, and of the side engines: below 0 the left one, above 0 the right one. */
  flames: [number, number]
}

/** The parameters of an episode. */
export const LUNAR_LANDER_PARAMS = {
  gravity: { default: -10, min: -12, max: 0, unit: 'm/s^2', help: 'Upwards, so below 0: the lander falls.' },
  enableWind: { default: false, help: 'Whether there is wind while no leg is on the ground.' },
  windPower: { default: 15, min: 0, max: 20, unit: 'N', help: "The wind's largest force." },
  turbulencePower: { default: 1.5, min: 0, max: 2, unit: 'N m', help: "The wind's largest torque." },
  fast: {
    default: false,
    inexact: true,
    help: 'End the velocity iterations when one changes no velocity by more than 1e-6 m/s or rad/s.',
  },
} satisfies Record<string, EnvParam>

export type LunarLanderParams = {
  [K in keyof typeof LUNAR_LANDER_PARAMS]: (typeof LUNAR_LANDER_PARAMS)[K] extends { min: number } ? number : boolean
}

/** Those of Gymnasium. */
const DEFAULTS = defaultParams({ params: LUNAR_LANDER_PARAMS }) as LunarLanderParams

const WIDTH = 20
const HEIGHT = 400 / 30
const HELIPAD_Y = HEIGHT / 4
const LEG_AWAY = 20 / 30
const LEG_DOWN = 18 / 30
const FPS = 50
const INITIAL_RANDOM = 1000

/**
 * Heights of the moon: smoothed random numbers, level under the landing pad. Its first neighbour on the left is the
 * last one.
 */
function makeTerrain(draws: Draws): number[] {
  const height = Array.from({ length: 12 }, () => draws.uniform(0, HEIGHT / 2))
  for (let i = 3; i <= 7; i++) height[i] = HELIPAD_Y
  return Array.from({ length: 11 }, (_, i) => f(0.33 * (height[(i + 11) % 12] + height[i] + height[i + 1])))
}

/** The eight observed numbers in float64. */
function observation(state: LunarLanderState): number[] {
  const lander = state.bodies[0]
  const [x, y] = originOf(lander)
  return [
    (x - WIDTH / 2) / (WIDTH / 2),
    (y - (HELIPAD_Y + LEG_DOWN)) / (HEIGHT / 2),
    (lander.velocity[0] * (WIDTH / 2)) / FPS,
    (lander.velocity[1] * (HEIGHT / 2)) / FPS,
    lander.angle,
    (20 * lander.angular_velocity) / FPS,
    state.legs[0],
    state.legs[1],
  ]
}

/** The potential of a state: a reward is the difference of two. */
const shaping = ([x, y, vx, vy, angle, , leg0, leg1]: number[]): number =>
  -100 * Math.sqrt(x * x + y * y) - 100 * Math.sqrt(vx * vx + vy * vy) - 100 * Math.abs(angle) + 10 * leg0 + 10 * leg1

/** `continuous`: two throttles instead of four actions. */
export function makeLunarLanderTwin(continuous: boolean) {
  const advance = (
    state: LunarLanderState,
    action: ArrayLike<number>,
    draws: Draws,
    kick: Load['force'],
    params: LunarLanderParams,
  ) => {
    const load: Load = { force: [...kick], torque: 0 }
    if (params.enableWind && state.legs[0] === 0 && state.legs[1] === 0) {
      load.force[0] = f(load.force[0] + f(gust(state.wind_index++) * params.windPower))
      load.torque = f(gust(state.torque_index++) * params.turbulencePower)
    }
    const { main, side, direction } = engines(continuous, state.bodies[0], action, draws)
    state.flames = [f(main), f(side * direction)]
    const touch: Touch = { legs: state.legs, crashed: false }
    stepWorld(state, params, load, touch)
    return { main, side, crashed: touch.crashed }
  }

  const reset = (draws: Draws, params = DEFAULTS): LunarLanderState => {
    const terrain = makeTerrain(draws)
    const world = makeWorld(terrain, [WIDTH / 2, f(HEIGHT)], LEG_AWAY)
    const state: LunarLanderState = { ...world, legs: [0, 0], wind_index: 0, torque_index: 0, flames: [0, 0] }
    const kick: Load['force'] = [
      f(draws.uniform(-INITIAL_RANDOM, INITIAL_RANDOM)),
      f(draws.uniform(-INITIAL_RANDOM, INITIAL_RANDOM)),
    ]
    if (params.enableWind) {
      state.wind_index = draws.integer(-9999, 9999)
      state.torque_index = draws.integer(-9999, 9999)
    }
    // The first observation is that of a step without engines.
    advance(state, [0, 0], draws, kick, params)
    return state
  }

  const step = (state: LunarLanderState, action: ArrayLike<number>, draws: Draws, params = DEFAULTS) => {
    const before = shaping(observation(state))
    const { main, side, crashed } = advance(state, action, draws, [0, 0], params)
    const obs = observation(state)
    let reward = shaping(obs) - before
    reward -= main * 0.3
    reward -= side * 0.03
    const lost = crashed || Math.abs(obs[0]) >= 1
    const asleep = state.bodies[0].awake === 0
    if (lost) reward = -100
    if (asleep) reward = 100
    return { reward, terminated: lost || asleep }
  }

  const twin: EnvTwin<LunarLanderState> = {
    reset: (rng, params) => reset(drawsOf(rng), params as LunarLanderParams | undefined),
    step: (state, action, rng, params) => step(state, action, drawsOf(rng), params as LunarLanderParams | undefined),
    observe(state, obs, offset) {
      observation(state).forEach((x, i) => {
        obs[offset + i] = f(x)
      })
    },
  }
  return { ...twin, resetWith: reset, stepWith: step }
}

/** The wind at a time index, -1 to 1; not periodic. */
const gust = (index: number): number => Math.tanh(Math.sin(0.02 * index) + Math.sin(Math.PI * 0.01 * index))
