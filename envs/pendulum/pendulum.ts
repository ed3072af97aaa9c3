import type { EnvTwin } from '../../src/env/contract'
import { exactParams, type NumberParam } from '../../src/env/params'
import { uniform } from '../../src/env/rng'

/** Angle from upright, rad, any number of turns; its velocity, rad/s. Both positive counter-clockwise. */
export type PendulumState = { theta: number; theta_dot: number }

export const PENDULUM_PARAMS = {
  gravity: { default: 10, min: 0, max: 20, unit: 'm/s^2', help: "Acceleration of gravity; Gymnasium's argument g." },
  mass: { default: 1, min: 0.2, max: 5, unit: 'kg', help: 'Mass of the rod.' },
  length: { default: 1, min: 0.5, max: 2, unit: 'm', help: 'Length of the rod.' },
} satisfies Record<string, NumberParam>

const paramsOf = exactParams(PENDULUM_PARAMS)

/** Seconds per step. */
const DT = 0.05
const MAX_SPEED = 8
const MAX_TORQUE = 2

const clip = (x: number, max: number): number => Math.min(max, Math.max(-max, x))

/** The same angle in [-pi, pi). */
function normalized(angle: number): number {
  const turn = (angle + Math.PI) % (2 * Math.PI)
  return (turn < 0 ? turn + 2 * Math.PI : turn) - Math.PI
}

/**
 * Pendulum-v1 as Gymnasium's `PendulumEnv` computes it with NumPy 2: the state in float64; the torque, and its products
 * with constants, in float32. The reward is minus the cost of the state before the step. It never terminates.
 */
export const pendulumTwin: EnvTwin<PendulumState> = {
  reset(rng) {
    const theta = (2 * uniform(rng) - 1) * Math.PI
    const theta_dot = 2 * uniform(rng) - 1
    return { theta, theta_dot }
  },

  step(state, action, _rng, params) {
    const { gravity, mass, length } = paramsOf(params)
    const { theta, theta_dot } = state
    const torque = Math.fround(clip(action[0], MAX_TORQUE))
    const effort = Math.fround(Math.fround(0.001) * Math.fround(torque ** 2))
    const cost = normalized(theta) ** 2 + 0.1 * theta_dot ** 2 + effort
    const push = Math.fround(Math.fround(3 / (mass * length ** 2)) * torque)
    const theta_acc = ((3 * gravity) / (2 * length)) * Math.sin(theta) + push
    // Semi-implicit Euler: the angle moves by the new velocity.
    state.theta_dot = clip(theta_dot + theta_acc * DT, MAX_SPEED)
    state.theta = theta + state.theta_dot * DT
    return { reward: -cost, terminated: false }
  },

  observe(state, obs, offset) {
    obs[offset] = Math.fround(Math.cos(state.theta))
    obs[offset + 1] = Math.fround(Math.sin(state.theta))
    obs[offset + 2] = Math.fround(state.theta_dot)
  },
}
