import type { EnvTwin } from '../../src/env/contract'
import { type Rng, uniform } from '../../src/env/rng'

/** Angle of the first link from hanging down, and of the second from the first's direction, rad; their velocities, rad/s. */
export type AcrobotState = { theta1: number; theta2: number; theta1_dot: number; theta2_dot: number }

type Vector = [number, number, number, number]

const GRAVITY = 9.8
/** Seconds per step. */
const DT = 0.2
/** m, both links. */
const LENGTH = 1
/** From a link's joint to its centre of mass, m. */
const LENGTH_COM = 0.5
/** kg, both links. */
const MASS = 1
/** Moment of inertia, kg m^2, both links. */
const INERTIA = 1
const MAX_VEL_1 = 4 * Math.PI
const MAX_VEL_2 = 9 * Math.PI

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

  step(state, action) {
    const y = rungeKutta([state.theta1, state.theta2, state.theta1_dot, state.theta2_dot], action[0] - 1)
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
function derivative([theta1, theta2, theta1_dot, theta2_dot]: Vector, torque: number): Vector {
  const coupling = MASS * LENGTH * LENGTH_COM
  const d1 =
    MASS * LENGTH_COM ** 2 +
    MASS * (LENGTH ** 2 + LENGTH_COM ** 2 + 2 * LENGTH * LENGTH_COM * Math.cos(theta2)) +
    2 * INERTIA
  const d2 = MASS * (LENGTH_COM ** 2 + LENGTH * LENGTH_COM * Math.cos(theta2)) + INERTIA
  const phi2 = MASS * LENGTH_COM * GRAVITY * Math.cos(theta1 + theta2 - Math.PI / 2)
  const phi1 =
    -coupling * theta2_dot ** 2 * Math.sin(theta2) -
    2 * coupling * theta2_dot * theta1_dot * Math.sin(theta2) +
    (MASS * LENGTH_COM + MASS * LENGTH) * GRAVITY * Math.cos(theta1 - Math.PI / 2) +
    phi2
  const theta2_acc =
    (torque + (d2 / d1) * phi1 - coupling * theta1_dot ** 2 * Math.sin(theta2) - phi2) /
    (MASS * LENGTH_COM ** 2 + INERTIA - d2 ** 2 / d1)
  const theta1_acc = -(d2 * theta2_acc + phi1) / d1
  return [theta1_dot, theta2_dot, theta1_acc, theta2_acc]
}

/** The classical method of fourth order, one step of DT. */
function rungeKutta(y: Vector, torque: number): Vector {
  const at = (k: Vector, h: number): Vector => y.map((value, i) => value + h * k[i]) as Vector
  const k1 = derivative(y, torque)
  const k2 = derivative(at(k1, DT / 2), torque)
  const k3 = derivative(at(k2, DT / 2), torque)
  const k4 = derivative(at(k3, DT), torque)
  return at(k1.map((value, i) => value + 2 * k2[i] + 2 * k3[i] + k4[i]) as Vector, DT / 6)
}

/** The same angle in [-pi, pi]. */
function wrap(angle: number): number {
  while (angle > Math.PI) angle -= 2 * Math.PI
  while (angle < -Math.PI) angle += 2 * Math.PI
  return angle
}

const clip = (x: number, max: number): number => Math.min(max, Math.max(-max, x))
