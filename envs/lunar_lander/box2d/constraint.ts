/** The constraints of touching contacts, built for each solve: Box2D's b2ContactSolver.cpp, the moon being fixed. */

import type { Manifold } from './manifold'
import { collide, FACE_EDGE } from './manifold'
import { clockwise, cross, dot, f, negate, type Pose, place, scale, sub, turn, type Vec2 } from './math'
import { MAX_CONDITION, RADIUS } from './settings'
import { friction, SHAPES } from './shapes'
import { bodyOf, edgeEnds, edgeOf, poseOf, type World } from './state'

export interface Constraint {
  /** Index of its contact in the list. */
  slot: number
  body: number
  friction: number
  manifold: Manifold
  /** Points in the velocity solver: 1 if two would be redundant. */
  points: number
  normal: Vec2
  /** From the centre of mass to each point. */
  arm: [Vec2, Vec2]
  normalMass: Vec2
  tangentMass: Vec2
  normalImpulse: Vec2
  tangentImpulse: Vec2
  /** For two points: the matrix k11, k12, k22 that maps impulses to velocities, and its inverse. */
  k: [number, number, number]
  inverse: [number, number, number]
}

/** The constraint of contact `slot` with the manifold at the present pose; velocities come with `prepare`. */
export function makeConstraint(world: World, slot: number, warm: boolean): Constraint {
  const contact = world.contacts[slot]
  const [body, edge] = [bodyOf(contact), edgeOf(contact)]
  const manifold = collide(edgeEnds(world, edge), SHAPES[body], poseOf(world, body))
  return {
    slot,
    body,
    friction: friction(body, edge),
    manifold,
    points: manifold.count,
    normal: [0, 0],
    arm: [
      [0, 0],
      [0, 0],
    ],
    normalMass: [0, 0],
    tangentMass: [0, 0],
    normalImpulse: warm ? [...contact.normal_impulse] : [0, 0],
    tangentImpulse: warm ? [...contact.tangent_impulse] : [0, 0],
    k: [0, 0, 0],
    inverse: [0, 0, 0],
  }
}

/** Normal in the world, from moon to body, point `i` of the manifold, and the distance between the skins. */
export function contactPoint(m: Manifold, i: number, pose: Pose): { normal: Vec2; point: Vec2; separation: number } {
  const byEdge = m.type === FACE_EDGE
  const normal = byEdge ? m.normal : turn(pose, m.normal)
  const plane = byEdge ? m.point : place(pose, m.point)
  const point = byEdge ? place(pose, m.local[i]) : m.local[i]
  const separation = f(f(dot(sub(point, plane), normal) - RADIUS) - RADIUS)
  return { normal: byEdge ? normal : negate(normal), point, separation }
}

/** The middle between the two skins at point `i`, in the world. */
function middle(m: Manifold, i: number, pose: Pose): Vec2 {
  const byEdge = m.type === FACE_EDGE
  const normal = byEdge ? m.normal : turn(pose, m.normal)
  const plane = byEdge ? m.point : place(pose, m.point)
  const point = byEdge ? place(pose, m.local[i]) : m.local[i]
  const onPlane = scale(f(RADIUS - dot(sub(point, plane), normal)), normal)
  const skin = scale(RADIUS, normal)
  return [0, 1].map((axis) => f(0.5 * f(f(point[axis] + onPlane[axis]) + f(point[axis] - skin[axis])))) as Vec2
}

/** Sets what depends on the pose: arms and masses. */
export function prepare(world: World, c: Constraint): void {
  const { invMass, invInertia } = SHAPES[c.body]
  const pose = poseOf(world, c.body)
  const byEdge = c.manifold.type === FACE_EDGE
  c.normal = byEdge ? c.manifold.normal : negate(turn(pose, c.manifold.normal))
  const tangent = clockwise(c.normal)
  const mass = (lever: number): number => {
    const k = f(invMass + f(f(invInertia * lever) * lever))
    return k > 0 ? f(1 / k) : 0
  }
  for (let i = 0; i < c.manifold.count; i++) {
    c.arm[i] = sub(middle(c.manifold, i, pose), world.bodies[c.body].position)
    c.normalMass[i] = mass(cross(c.arm[i], c.normal))
    c.tangentMass[i] = mass(cross(c.arm[i], tangent))
  }
  if (c.manifold.count < 2) return
  const [lever1, lever2] = [cross(c.arm[0], c.normal), cross(c.arm[1], c.normal)]
  const k11 = f(invMass + f(f(invInertia * lever1) * lever1))
  const k22 = f(invMass + f(f(invInertia * lever2) * lever2))
  const k12 = f(invMass + f(f(invInertia * lever1) * lever2))
  const det = f(f(k11 * k22) - f(k12 * k12))
  if (!(f(k11 * k11) < f(MAX_CONDITION * det))) {
    c.points = 1
    return
  }
  c.k = [k11, k12, k22]
  const over = det !== 0 ? f(1 / det) : 0
  c.inverse = [f(over * k22), f(-over * k12), f(over * k11)]
}
