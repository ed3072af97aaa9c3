import type { EnvTwin } from '../../src/env/contract'
import { exactParams, type NumberParam } from '../../src/env/params'
import { type Rng, uniform } from '../../src/env/rng'

/** Angle of the first link from hanging down, and of the second from the first's direction, rad; their velocities, rad/s. */
export type AcrobotState = { theta1: number; theta2: number; theta1_dot: number; theta2_dot: number }

type Vector = [number, number, number, number]

/** Seconds per step. */
const DT = 0.2
const MAX_VEL_1 = 4 * Math.PI
const MAX_VEL_2 = 9 * Math.PI

export const ACROBOT_PARAMS = {
  gravity: { default: 9.8, min: 0, max: 20, unit: 'm/s^2', help: 'Acceleration of gravity.' },
  linkLength1: { default: 1, min: 0.5, max: 2, unit: 'm', help: 'Length of the first link.' },
  linkMass1: { default: 1, min: 0.5, max: 2, unit: 'kg', help: 'Mass of the first link.' },
  linkMass2: { default: 1, min: 0.5, max: 2, unit: 'kg', help: 'Mass of the second link.' },
  linkComPos1: { default: 0.5, min: 0.25, max: 1, unit: 'm', help: 'From the bar to the centre of the first mass.' },
  linkComPos2: { default: 0.5, min: 0.25, max: 1, unit: 'm', help: 'From the joint to the centre of the second mass.' },
  linkMoi: { default: 1, min: 0.5, max: 2, unit: 'kg m^2', help: 'Moment of inertia of each link.' },
} satisfies Record<string, NumberParam>

type Links = Readonly<Record<keyof typeof ACROBOT_PARAMS, number>>
const paramsOf = exactParams(ACROBOT_PARAMS)

const resetEntry = (rng: Rng): number => Math.fround((2 * uniform(rng) - 1) * 0.1)

/**
 * Acrobot-v1 in float64, as Gymnasium's `AcrobotEnv` computes it: the "book" dynamics (Sutton and Barto 1998, section
 * 11.3), one step of the classical Runge-Kutta method with a constant torque of -1, 0 or 1 Nm on the joint between the
 * links. The reward is -1 for every step, and 0 for the one that swings the tip above the line.
 */
export const acrobotTwin: EnvTwin<AcrobotState> = {
  reset(rng) {
    const theta1 = resetEntry(rng)
    const theta2 = resetEntry(rng)
    const theta1_dot = resetEntry(rng)
    const theta2_dot = resetEntry(rng)
    return { theta1, theta2, theta1_dot, theta2_dot }
  },

  step(state, action, _rng, params) {
    const before: Vector = [state.theta1, state.theta2, state.theta1_dot, state.theta2_dot]
    const y = rungeKutta(before, action[0] - 1, paramsOf(params))
    state.theta1 = wrap(y[0])
    state.theta2 = wrap(y[1])
    state.theta1_dot = clip(y[2], MAX_VEL_1)
    state.theta2_dot = clip(y[3], MAX_VEL_2)
    const terminated = -Math.cos(state.theta1) - Math.cos(state.theta2 + state.theta1) > 1
    return { reward: terminated ? 0 : -1, terminated }
  },

  observe(state, obs, offset) {
    obs[offset] = Math.fround(Math.cos(state.theta1))
    obs[offset + 1] = Math.fround(Math.sin(state.theta1))
    obs[offset + 2] = Math.fround(Math.cos(state.theta2))
    obs[offset + 3] = Math.fround(Math.sin(state.theta2))
    obs[offset + 4] = Math.fround(state.theta1_dot)
    obs[offset + 5] = Math.fround(state.theta2_dot)
  },
}

/** Time derivative of (theta1, theta2, their velocities) under `torque`. */
function derivative([theta1, theta2, theta1_dot, theta2_dot]: Vector, torque: number, links: Links): Vector {
  const { gravity, linkLength1: l1, linkMass1: m1, linkMass2: m2, linkComPos1: lc1, linkComPos2: lc2 } = links
  const inertia = links.linkMoi
  const d1 = m1 * lc1 ** 2 + m2 * (l1 ** 2 + lc2 ** 2 + 2 * l1 * lc2 * Math.cos(theta2)) + 2 * inertia
  const d2 = m2 * (lc2 ** 2 + l1 * lc2 * Math.cos(theta2)) + inertia
  const phi2 = m2 * lc2 * gravity * Math.cos(theta1 + theta2 - Math.PI / 2)
  const phi1 =
    -m2 * l1 * lc2 * theta2_dot ** 2 * Math.sin(theta2) -
    2 * m2 * l1 * lc2 * theta2_dot * theta1_dot * Math.sin(theta2) +
    (m1 * lc1 + m2 * l1) * gravity * Math.cos(theta1 - Math.PI / 2) +
    phi2
  const theta2_acc =
    (torque + (d2 / d1) * phi1 - m2 * l1 * lc2 * theta1_dot ** 2 * Math.sin(theta2) - phi2) /
    (m2 * lc2 ** 2 + inertia - d2 ** 2 / d1)
  const theta1_acc = -(d2 * theta2_acc + phi1) / d1
  return [theta1_dot, theta2_dot, theta1_acc, theta2_acc]
}

/** The classical method of fourth order, one step of DT. */
function rungeKutta(y: Vector, torque: number, links: Links): Vector {
  const at = (k: Vector, h: number): Vector => y.map((value, i) => value + h * k[i]) as Vector
  const k1 = derivative(y, torque, links)
  const k2 = derivative(at(k1, DT / 2), torque, links)
  const k3 = derivative(at(k2, DT / 2), torque, links)
  const k4 = derivative(at(k3, DT), torque, links)
  return at(k1.map((value, i) => value + 2 * k2[i] + 2 * k3[i] + k4[i]) as Vector, DT / 6)
}

/** The same angle in [-pi, pi]. */
function wrap(angle: number): number {
  while (angle > Math.PI) angle -= 2 * Math.PI
  while (angle < -Math.PI) angle += 2 * Math.PI
  return angle
}

const clip = (x: number, max: number): number => Math.min(max, Math.max(-max, x))
