import type { PlanarModel, Vec2 } from './model'

/** The vector turned by a right angle, counter-clockwise. */
export const perp = ([x, y]: Vec2): Vec2 => [-y, x]
export const add = (a: Vec2, b: Vec2): Vec2 => [a[0] + b[0], a[1] + b[1]]
export const subtract = (a: Vec2, b: Vec2): Vec2 => [a[0] - b[0], a[1] - b[1]]
export const scale = (a: Vec2, factor: number): Vec2 => [a[0] * factor, a[1] * factor]
export const dot = (a: Vec2, b: Vec2): number => a[0] * b[0] + a[1] * b[1]

/**
 * A frame in the world that moves: origin, orientation, their velocities. The orientation is kept as MuJoCo's unit quaternion,
 * (cosine, sine) of half the angle, so that rounding is the same; `cos` and `sin` are those of the angle.
 */
interface Frame {
  origin: Vec2
  half: Vec2
  cos: number
  sin: number
  velocity: Vec2
  spin: number
}

export interface MovingBody extends Frame {
  /** Centre of mass in the world, and its velocity. */
  com: Vec2
  comVelocity: Vec2
}

/** A joint in the world: of a slide its axis, of a hinge its anchor; and how fast that changes. */
export interface MovingJoint {
  at: Vec2
  rate: Vec2
}

export interface Kinematics {
  bodies: MovingBody[]
  joints: MovingJoint[]
}

const WORLD: Frame = { origin: [0, 0], half: [1, 0], cos: 1, sin: 0, velocity: [0, 0], spin: 0 }

/** A vector of a body's frame in the world. */
export const turned = ({ cos, sin }: { cos: number; sin: number }, [x, y]: Vec2): Vec2 => [
  cos * x - sin * y,
  sin * x + cos * y,
]

/** A point of a body's frame in the world. */
export const placed = (frame: Frame, point: Vec2): Vec2 => add(frame.origin, turned(frame, point))

/** Velocity of a point of the world that moves with the frame. */
const velocityAt = ({ origin, velocity, spin }: Frame, point: Vec2): Vec2 =>
  add(velocity, scale(perp(subtract(point, origin)), spin))

/** The joints that move each body, those of its ancestors included, in order. */
function chainsOf(model: PlanarModel): number[][] {
  const chains: number[][] = []
  model.bodies.forEach(({ parent }, b) => {
    const own = model.joints.flatMap(({ body }, j) => (body === b ? [j] : []))
    chains.push([...(parent < 0 ? [] : chains[parent]), ...own])
  })
  return chains
}

const known = new WeakMap<PlanarModel, number[][]>()

/** The joints that move body `body`; -1, the world: none. */
export function chainOf(model: PlanarModel, body: number): readonly number[] {
  if (body < 0) return []
  let chains = known.get(model)
  if (!chains) known.set(model, (chains = chainsOf(model)))
  return chains[body]
}

/** Places and velocities of all bodies and joints, from the root outwards, as in MuJoCo's mj_kinematics. */
export function kinematics(model: PlanarModel, qpos: ArrayLike<number>, qvel: ArrayLike<number>): Kinematics {
  const bodies: MovingBody[] = []
  const joints: MovingJoint[] = []
  let j = 0
  model.bodies.forEach(({ parent, position, com }, b) => {
    const base = parent < 0 ? WORLD : bodies[parent]
    const start = placed(base, position)
    const { half, cos, sin, spin } = base
    const velocity = velocityAt(base, start)
    const body: MovingBody = { origin: start, half, cos, sin, velocity, spin, com: start, comVelocity: velocity }
    for (; j < model.joints.length && model.joints[j].body === b; j++) joints.push(move(model, j, body, qpos, qvel))
    body.com = placed(body, com)
    body.comVelocity = velocityAt(body, body.com)
    bodies.push(body)
  })
  return { bodies, joints }
}

/** The unit vector turned by an angle. */
function turnedBy([c, s]: Vec2, angle: number): Vec2 {
  const [x, y] = [Math.cos(angle), Math.sin(angle)]
  const product: Vec2 = [c * x - s * y, c * y + s * x]
  const norm = Math.sqrt(dot(product, product))
  return Math.abs(norm - 1) > 1e-15 ? scale(product, 1 / norm) : product
}

/** Moves the frame by joint `j`. */
function move(
  { joints }: PlanarModel,
  j: number,
  frame: Frame,
  qpos: ArrayLike<number>,
  qvel: ArrayLike<number>,
): MovingJoint {
  const joint = joints[j]
  const moved = qpos[j] - joint.ref
  if (joint.kind === 'slide') {
    const at = turned(frame, joint.axis)
    const rate = scale(perp(at), frame.spin)
    frame.velocity = add(frame.velocity, add(scale(at, qvel[j]), scale(rate, moved)))
    frame.origin = add(frame.origin, scale(at, moved))
    return { at, rate }
  }
  const at = placed(frame, joint.anchor)
  const rate = velocityAt(frame, at)
  const half = turnedBy(frame.half, (joint.sense * moved) / 2)
  frame.half = half
  frame.cos = half[0] * half[0] - half[1] * half[1]
  frame.sin = 2 * half[0] * half[1]
  frame.spin += joint.sense * qvel[j]
  frame.origin = subtract(at, turned(frame, joint.anchor))
  frame.velocity = add(rate, scale(perp(subtract(frame.origin, at)), frame.spin))
  return { at, rate }
}

/** Velocity of `point`, which moves with a body behind joint `j`, for a unit velocity of that joint. */
export function column({ joints }: PlanarModel, { joints: moving }: Kinematics, j: number, point: Vec2): Vec2 {
  const joint = joints[j]
  return joint.kind === 'slide' ? moving[j].at : scale(perp(subtract(point, moving[j].at)), joint.sense)
}
