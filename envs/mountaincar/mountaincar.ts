import type { EnvTwin } from '../../src/env/contract'
import { type Rng, uniform } from '../../src/env/rng'

/** Position along the track and velocity (per step). */
export type MountainCarState = { position: number; velocity: number }

const MIN_POSITION = -1.2
const MAX_POSITION = 0.6
const MAX_SPEED = 0.07
const GOAL_POSITION = 0.5
const FORCE = 0.001
const GRAVITY = 0.0025

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

  step(state, action) {
    const push = (action[0] - 1) * FORCE
    const velocity = clip(state.velocity + push + Math.cos(3 * state.position) * -GRAVITY, -MAX_SPEED, MAX_SPEED)
    state.position = clip(state.position + velocity, MIN_POSITION, MAX_POSITION)
    // The wall on the left is inelastic.
    state.velocity = state.position <= MIN_POSITION && velocity < 0 ? 0 : velocity
    return { reward: -1, terminated: state.position >= GOAL_POSITION && state.velocity >= 0 }
  },

  observe(state, obs, offset) {
    obs[offset] = Math.fround(state.position)
    obs[offset + 1] = Math.fround(state.velocity)
  },
}
