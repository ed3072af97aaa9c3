import type { EnvTwin } from '../../src/env/contract'
import { exactParams, type NumberParam } from '../../src/env/params'
import { type Rng, uniform } from '../../src/env/rng'

/** Position (m), velocity (m/s), angle of the pole from the vertical (rad, positive to the right), its velocity (rad/s). */
export type CartPoleState = { x: number; x_dot: number; theta: number; theta_dot: number }

export const CARTPOLE_PARAMS = {
  gravity: { default: 9.8, min: 0, max: 20, unit: 'm/s^2', help: 'Acceleration of gravity.' },
  massCart: { default: 1, min: 0.1, max: 10, unit: 'kg', help: 'Mass of the cart.' },
  massPole: { default: 0.1, min: 0.01, max: 2, unit: 'kg', help: 'Mass of the pole.' },
  length: { default: 0.5, min: 0.1, max: 2, unit: 'm', help: 'Half the length of the pole.' },
  forceMag: { default: 10, min: 1, max: 30, unit: 'N', help: 'Force of a push.' },
} satisfies Record<string, NumberParam>

const paramsOf = exactParams(CARTPOLE_PARAMS)

/** Seconds per step. */
const TAU = 0.02
const THETA_THRESHOLD = (12 * 2 * Math.PI) / 360
const X_THRESHOLD = 2.4
const RESET_RANGE = 0.05

const resetEntry = (rng: Rng): number => (2 * uniform(rng) - 1) * RESET_RANGE

/**
 * CartPole in float64, as Gymnasium computes it: `CartPoleEnv` with the explicit Euler integrator. Action 0 pushes to the
 * left, 1 to the right, with 10 N unless `forceMag` is another, for 0.02 s. The reward is 1 for every step, the last one included, or with
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

  step(state, action, _rng, params) {
    const { gravity, massCart, massPole, length, forceMag } = paramsOf(params)
    const totalMass = massCart + massPole
    const poleMassLength = massPole * length
    const { x, x_dot, theta, theta_dot } = state
    const force = action[0] === 1 ? forceMag : -forceMag
    const sin = Math.sin(theta)
    const cos = Math.cos(theta)
    const temp = (force + poleMassLength * theta_dot ** 2 * sin) / totalMass
    const theta_acc = (gravity * sin - cos * temp) / (length * (4 / 3 - (massPole * cos ** 2) / totalMass))
    const x_acc = temp - (poleMassLength * theta_acc * cos) / totalMass
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
