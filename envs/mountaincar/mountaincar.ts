import type { EnvTwin } from '../../src/env/contract'
import { exactParams, type NumberParam } from '../../src/env/params'
import { type Rng, uniform } from '../../src/env/rng'

/** Position along the track and velocity (per step). */
export type MountainCarState = { position: number; velocity: number }

const MIN_POSITION = -1.2
const MAX_POSITION = 0.6
const MAX_SPEED = 0.07
const GOAL_POSITION = 0.5

/** Parameters of both mountain cars. */
export const HILL_PARAMS = {
  gravity: { default: 0.0025, min: 0, max: 0.01, help: 'Change of the velocity per step on the steepest slope.' },
  goalVelocity: { default: 0, min: 0, max: 0.07, help: "The lowest velocity at the goal; Gymnasium's goal_velocity." },
} satisfies Record<string, NumberParam>

export const MOUNTAIN_CAR_PARAMS = {
  force: { default: 0.001, min: 0, max: 0.01, help: 'Change of the velocity per step by the motor.' },
  ...HILL_PARAMS,
} satisfies Record<string, NumberParam>

const paramsOf = exactParams(MOUNTAIN_CAR_PARAMS)

const clip = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

/** The first position of both mountain cars: uniform in [-0.6, -0.4). One draw. */
export const resetPosition = (rng: Rng): number => -0.5 + (2 * uniform(rng) - 1) * 0.1

/**
 * MountainCar-v0 in float64, as Gymnasium's `MountainCarEnv` computes it (Moore 1990). Action 0 pushes to the left, 1
 * not at all, 2 to the right. The reward is -1 for every step, the one that reaches the goal included.
 */
export const mountainCarTwin: EnvTwin<MountainCarState> = {
  reset(rng) {
    return { position: resetPosition(rng), velocity: 0 }
  },

  step(state, action, _rng, params) {
    const { force, gravity, goalVelocity } = paramsOf(params)
    const push = (action[0] - 1) * force
    const velocity = clip(state.velocity + push + Math.cos(3 * state.position) * -gravity, -MAX_SPEED, MAX_SPEED)
    state.position = clip(state.position + velocity, MIN_POSITION, MAX_POSITION)
    // The wall on the left is inelastic.
    state.velocity = state.position <= MIN_POSITION && velocity < 0 ? 0 : velocity
    return { reward: -1, terminated: state.position >= GOAL_POSITION && state.velocity >= goalVelocity }
  },

  observe(state, obs, offset) {
    obs[offset] = Math.fround(state.position)
    obs[offset + 1] = Math.fround(state.velocity)
  },
}
