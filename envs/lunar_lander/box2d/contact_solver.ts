/** Iterations over touching contacts: Box2D's b2ContactSolver.cpp. */
import type { Constraint } from './constraint'
import { contactPoint } from './constraint'
import { add, clamp, clockwise, cross, dot, f, poseAt, scale, sub, type Vec2 } from './math'
import { LINEAR_SLOP, MAX_LINEAR_CORRECTION } from './settings'
import { SHAPES } from './shapes'
import type { Body, World } from './state'

/** Adds impulse `p` that acts at `arm`. */
function push(body: Body, index: number, arm: Vec2, p: Vec2): void {
  const { invMass, invInertia } = SHAPES[index]
  body.velocity = add(body.velocity, scale(invMass, p))
  body.angular_velocity = f(body.angular_velocity + f(invInertia * cross(arm, p)))
}

/** Velocity of the body at `arm`. */
const velocityAt = ({ velocity, angular_velocity: w }: Body, arm: Vec2): Vec2 => [
  f(velocity[0] + f(-w * arm[1])),
  f(velocity[1] + f(w * arm[0])),
]

/** Starts from the impulses of the step before. */
export function warmStart(world: World, c: Constraint): void {
  const tangent = clockwise(c.normal)
  for (let i = 0; i < c.points; i++) {
    const p = add(scale(c.normalImpulse[i], c.normal), scale(c.tangentImpulse[i], tangent))
    push(world.bodies[c.body], c.body, c.arm[i], p)
  }
}

/** One iteration on velocities: friction first, because preventing penetration matters more. */
export function solveVelocity(world: World, c: Constraint): void {
  const body = world.bodies[c.body]
  const tangent = clockwise(c.normal)
  for (let i = 0; i < c.points; i++) {
    const lambda = f(c.tangentMass[i] * -dot(velocityAt(body, c.arm[i]), tangent))
    const most = f(c.friction * c.normalImpulse[i])
    const impulse = clamp(f(c.tangentImpulse[i] + lambda), -most, most)
    const change = f(impulse - c.tangentImpulse[i])
    c.tangentImpulse[i] = impulse
    push(body, c.body, c.arm[i], scale(change, tangent))
  }
  if (c.points === 1) {
    const lambda = f(-c.normalMass[0] * dot(velocityAt(body, c.arm[0]), c.normal))
    const sum = f(c.normalImpulse[0] + lambda)
    const impulse = Math.max(sum, 0)
    const change = f(impulse - c.normalImpulse[0])
    c.normalImpulse[0] = impulse
    push(body, c.body, c.arm[0], scale(change, c.normal))
  } else solveTwoPoints(body, c)
}

/** Both normals at once: each point either pushes or separates; of the four combinations the first consistent one. */
function solveTwoPoints(body: Body, c: Constraint): void {
  const [k11, k12, k22] = c.k
  const [i11, i12, i22] = c.inverse
  const [a1, a2] = c.normalImpulse
  // b' = b - K a: the velocities without the impulses so far.
  const b1 = f(dot(velocityAt(body, c.arm[0]), c.normal) - f(f(k11 * a1) + f(k12 * a2)))
  const b2 = f(dot(velocityAt(body, c.arm[1]), c.normal) - f(f(k12 * a1) + f(k22 * a2)))

  let x1 = -f(f(i11 * b1) + f(i12 * b2))
  let x2 = -f(f(i12 * b1) + f(i22 * b2))
  let found = x1 >= 0 && x2 >= 0
  if (!found) {
    x1 = f(-c.normalMass[0] * b1)
    x2 = 0
    found = x1 >= 0 && f(f(k12 * x1) + b2) >= 0
  }
  if (!found) {
    x1 = 0
    x2 = f(-c.normalMass[1] * b2)
    found = x2 >= 0 && f(f(k12 * x2) + b1) >= 0
  }
  if (!found) {
    x2 = 0
    found = b1 >= 0 && b2 >= 0
  }
  if (!found) return
  const { invMass, invInertia } = SHAPES[c.body]
  const p1 = scale(f(x1 - a1), c.normal)
  const p2 = scale(f(x2 - a2), c.normal)
  body.velocity = add(body.velocity, scale(invMass, add(p1, p2)))
  const torque = f(cross(c.arm[0], p1) + cross(c.arm[1], p2))
  body.angular_velocity = f(body.angular_velocity + f(invInertia * torque))
  c.normalImpulse = [x1, x2]
}

/** One iteration on positions. Returns the least separation found, or 0. */
export function solvePosition(world: World, c: Constraint, baumgarte: number): number {
  const body = world.bodies[c.body]
  const { centre, invMass, invInertia } = SHAPES[c.body]
  let least = 0
  for (let i = 0; i < c.manifold.count; i++) {
    const pose = poseAt(body.position, body.angle, centre)
    const { normal, point, separation } = contactPoint(c.manifold, i, pose)
    const arm = sub(point, body.position)
    if (separation < least) least = separation
    const error = clamp(f(baumgarte * f(separation + LINEAR_SLOP)), -MAX_LINEAR_CORRECTION, 0)
    const lever = cross(arm, normal)
    const k = f(invMass + f(f(invInertia * lever) * lever))
    const p = scale(k > 0 ? f(-error / k) : 0, normal)
    body.position = add(body.position, scale(invMass, p))
    body.angle = f(body.angle + f(invInertia * cross(arm, p)))
  }
  return least
}
