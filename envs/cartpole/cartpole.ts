import type { EnvTwin } from '../../src/env/contract'
import { type Rng, uniform } from '../../src/env/rng'

/** Position (m), velocity (m/s), angle of the pole from the vertical (rad, positive to the right), its velocity (rad/s). */
export type CartPoleState = { x: number; x_dot: number; theta: number; theta_dot: number }

const GRAVITY = 9.8
const MASS_POLE = 0.1
const TOTAL_MASS = 1.1
/** Half the length of the pole, m. */
const LENGTH = 0.5
const POLE_MASS_LENGTH = MASS_POLE * LENGTH
const FORCE_MAG = 10
/** Seconds per step. */
const TAU = 0.02
const THETA_THRESHOLD = (12 * 2 * Math.PI) / 360
const X_THRESHOLD = 2.4
const RESET_RANGE = 0.05

const resetEntry = (rng: Rng): number => (2 * uniform(rng) - 1) * RESET_RANGE

/**
 * CartPole in float64, as Gymnasium computes it: `CartPoleEnv` with the explicit Euler integrator. Action 0 pushes to the
 * left, 1 to the right, with 10 N for 0.02 s. The reward is 1 for every step, the last one included, or with
 * `suttonBartoReward` 0, and -1 for the step that terminates.
 */
export const makeCartPoleTwin = (suttonBartoReward: boolean): EnvTwin<CartPoleState> => ({
  reset(rng) {
    const x = resetEntry(rng)
    const x_dot = resetEntry(rng)
    const theta = resetEntry(rng)
    const theta_dot = resetEntry(rng)
    return { x, x_dot, theta, theta_dot }
  },

  step(state, action) {
    const { x, x_dot, theta, theta_dot } = state
    const force = action[0] === 1 ? FORCE_MAG : -FORCE_MAG
    const sin = Math.sin(theta)
    const cos = Math.cos(theta)
    const temp = (force + POLE_MASS_LENGTH * theta_dot ** 2 * sin) / TOTAL_MASS
    const theta_acc = (GRAVITY * sin - cos * temp) / (LENGTH * (4 / 3 - (MASS_POLE * cos ** 2) / TOTAL_MASS))
    const x_acc = temp - (POLE_MASS_LENGTH * theta_acc * cos) / TOTAL_MASS
    state.x = x + TAU * x_dot
    state.x_dot = x_dot + TAU * x_acc
    state.theta = theta + TAU * theta_dot
    state.theta_dot = theta_dot + TAU * theta_acc
    const terminated = Math.abs(state.x) > X_THRESHOLD || Math.abs(state.theta) > THETA_THRESHOLD
    return { reward: suttonBartoReward ? (terminated ? -1 : 0) : 1, terminated }
  },

  observe(state, obs, offset) {
    obs[offset] = Math.fround(state.x)
    obs[offset + 1] = Math.fround(state.x_dot)
    obs[offset + 2] = Math.fround(state.theta)
    obs[offset + 3] = Math.fround(state.theta_dot)
  },
})

/** The twin of CartPole-v0 and CartPole-v1. */
export const cartPoleTwin = makeCartPoleTwin(false)
