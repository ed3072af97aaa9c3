import { dotProduct } from './cholesky'
import type { Contact } from './contacts'
import { chainOf, column, dot, type Kinematics } from './kinematics'
import type { PlanarModel, Solimp, Solref, Vec2 } from './model'

/** One row of the constraints: the force acts along J and is at least 0. */
export interface Row {
  kind: 'limit' | 'frictionless' | 'pyramid'
  J: Float64Array
  /** Distance; below the margin the row exists. */
  position: number
  /** The row's inverse regularisation, and the acceleration J qacc at which its force is 0. */
  D: number
  aref: number
}

const LEAST = 1e-15
const LEAST_FRICTION = 1e-5
const MIN_IMPEDANCE = 1e-4
const MAX_IMPEDANCE = 0.9999

/** MuJoCo's impedance at a distance of `depth` from where the constraint begins: from dmin to dmax over the width. */
export function impedance([dmin, dmax, width, midpoint, power]: Solimp, depth: number): number {
  const within = (x: number): number => Math.min(MAX_IMPEDANCE, Math.max(MIN_IMPEDANCE, x))
  const [low, high, middle] = [within(dmin), within(dmax), within(midpoint)]
  if (low === high || width <= LEAST) return (low + high) / 2
  const x = Math.abs(depth) / width
  if (x >= 1) return high
  const p = Math.max(1, power)
  const y = x <= middle ? x ** p / middle ** (p - 1) : 1 - (1 - x) ** p / (1 - middle) ** (p - 1)
  return low + y * (high - low)
}

/** The spring of a constraint. MuJoCo's "refsafe": its time constant is at least two steps of the integrator. */
function spring(
  { timestep }: PlanarModel,
  [timeconst, dampratio]: Solref,
  solimp: Solimp,
): { stiffness: number; damping: number } {
  const dmax = Math.min(MAX_IMPEDANCE, Math.max(MIN_IMPEDANCE, solimp[1]))
  const time = Math.max(timeconst, 2 * timestep)
  return { stiffness: 1 / (dmax * time * dampratio) ** 2, damping: 2 / (dmax * time) }
}

interface Limit {
  solref: Solref
  solimp: Solimp
  margin: number
}

/** Regularisation R and reference acceleration of rows with the inverse inertia `invweight`, without their velocity. */
function regularise(model: PlanarModel, { solref, solimp, margin }: Limit, position: number, invweight: number) {
  const d = impedance(solimp, position - margin)
  const { stiffness, damping } = spring(model, solref, solimp)
  return { R: Math.max(LEAST, ((1 - d) / d) * invweight), pull: -stiffness * d * (position - margin), damping }
}

/** Rows of the joints at their limits, in the order of the joints, the lower limit first. */
export function limitRows(model: PlanarModel, qpos: ArrayLike<number>, qvel: ArrayLike<number>): Row[] {
  return model.joints.flatMap((joint, j) => {
    if (!joint.range) return []
    const [low, high] = joint.range
    const sides = [
      { position: qpos[j] - low, sign: 1 },
      { position: high - qpos[j], sign: -1 },
    ]
    return sides.flatMap(({ position, sign }): Row[] => {
      if (position >= joint.margin) return []
      const { R, pull, damping } = regularise(model, joint, position, joint.invweight)
      const J = new Float64Array(model.joints.length)
      J[j] = sign
      return [{ kind: 'limit', J, position, D: 1 / R, aref: pull - damping * sign * qvel[j] }]
    })
  })
}

/** Velocity of the second body against the first at a contact, along `direction`, for unit velocities of the joints. */
function relative(model: PlanarModel, moving: Kinematics, { bodies, position }: Contact, direction: Vec2) {
  const J = new Float64Array(model.joints.length)
  for (const j of chainOf(model, bodies[0])) J[j] -= dot(column(model, moving, j, position), direction)
  for (const j of chainOf(model, bodies[1])) J[j] += dot(column(model, moving, j, position), direction)
  return J
}

/**
 * Rows of a contact: its normal; with friction the edges of MuJoCo's pyramid, n + mu t, n - mu t, and the two off the plane,
 * which are n.
 */
export function contactRows(model: PlanarModel, moving: Kinematics, contact: Contact, qvel: ArrayLike<number>): Row[] {
  const { surface, distance: position, bodies } = contact
  const invweight = bodies.reduce((sum, b) => sum + (b < 0 ? 0 : model.bodies[b].invweight), 0)
  const n = relative(model, moving, contact, contact.normal)
  if (surface.condim === 1) {
    const { R, pull, damping } = regularise(model, surface, position, invweight)
    return [{ kind: 'frictionless', J: n, position, D: 1 / R, aref: pull - damping * dotProduct(n, qvel) }]
  }
  const mu = Math.max(LEAST_FRICTION, surface.friction)
  const t = relative(model, moving, contact, contact.tangent)
  const { R, pull, damping } = regularise(model, surface, position, invweight * (1 + mu * mu))
  const D = 1 / Math.max(LEAST, 2 * mu * mu * R)
  return [mu, -mu, 0, 0].map((slope) => {
    const J = n.slice()
    if (slope !== 0) for (let j = 0; j < J.length; j++) J[j] += slope * t[j]
    return { kind: 'pyramid', J, position, D, aref: pull - damping * dotProduct(J, qvel) }
  })
}
