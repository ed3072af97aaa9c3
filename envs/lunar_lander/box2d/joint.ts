/** The two revolute joints with motor and limits: Box2D's b2RevoluteJoint.cpp. Body A is the lander, B a leg. */
import { add, clamp, cross, f, length, negate, poseAt, scale, sub, turn, type Vec2 } from './math'
import { ANGULAR_SLOP, DT, LINEAR_SLOP, MAX_ANGULAR_CORRECTION } from './settings'
import { LANDER_BODY, SHAPES } from './shapes'
import type { Body, World } from './state'

export const NUM_JOINTS = 2
/** Values of Joint.limit. */
export const INACTIVE = 0
export const AT_LOWER = 1
export const AT_UPPER = 2

/** The constants of a joint; joint j holds body j + 1. */
const JOINTS = [-1, 1].map((side) => ({
  lower: f(side < 0 ? 0.9 - 0.5 : -0.9),
  upper: f(side < 0 ? 0.9 : -0.9 + 0.5),
  motorSpeed: f(0.3 * side),
  /** pybox2d's default: the angle between the bodies when the joint is made. */
  reference: f(0.05 * side),
  /** The anchors, from the centres of mass. */
  anchorA: sub([0, 0], SHAPES[LANDER_BODY].centre),
  anchorB: [f((side * 20) / 30), f(18 / 30)] as Vec2,
}))
const MAX_MOTOR_IMPULSE = f(DT * 40)

const { invMass: mA, invInertia: iA } = SHAPES[LANDER_BODY]
const { invMass: mB, invInertia: iB } = SHAPES[LANDER_BODY + 1]
const motorMass = f(1 / f(iA + iB))

/** The data for one solve of joint `index`: arms, and the symmetric 3 by 3 matrix of point and angle, by columns. */
export interface JointWork {
  index: number
  armA: Vec2
  armB: Vec2
  ex: Vec3
  ey: Vec3
  ez: Vec3
  eyz: Vec3
  /** 1 / determinant: of the upper 2 by 2 part, of the whole. */
  over22: number
  over33: number
}

type Vec3 = [number, number, number]
const cross3 = (a: Vec3, b: Vec3): Vec3 => [
  f(f(a[1] * b[2]) - f(a[2] * b[1])),
  f(f(a[2] * b[0]) - f(a[0] * b[2])),
  f(f(a[0] * b[1]) - f(a[1] * b[0])),
]
const dot3 = (a: Vec3, b: Vec3): number => f(f(f(a[0] * b[0]) + f(a[1] * b[1])) + f(a[2] * b[2]))
const inverse = (x: number): number => (x !== 0 ? f(1 / x) : x)

/** Adds an impulse at the arms, and a turn. */
function push(a: Body, b: Body, work: JointWork, p: Vec2, twist: (lever: number) => number): void {
  a.velocity = sub(a.velocity, scale(mA, p))
  a.angular_velocity = f(a.angular_velocity - f(iA * twist(cross(work.armA, p))))
  b.velocity = add(b.velocity, scale(mB, p))
  b.angular_velocity = f(b.angular_velocity + f(iB * twist(cross(work.armB, p))))
}

/** Sets up joint `index`, decides which limit it is at, and starts from the impulses of the step before. */
export function prepareJoint(world: World, index: number): JointWork {
  const joint = world.joints[index]
  const { lower, upper, reference, anchorA, anchorB } = JOINTS[index]
  const [a, b] = [world.bodies[LANDER_BODY], world.bodies[index + 1]]
  const armA = turn(poseAt([0, 0], a.angle, [0, 0]), anchorA)
  const armB = turn(poseAt([0, 0], b.angle, [0, 0]), anchorB)

  const mass = f(mA + mB)
  const kxx = f(f(mass + f(f(armA[1] * armA[1]) * iA)) + f(f(armB[1] * armB[1]) * iB))
  const kxy = f(f(f(-armA[1] * armA[0]) * iA) - f(f(armB[1] * armB[0]) * iB))
  const kxz = f(f(-armA[1] * iA) - f(armB[1] * iB))
  const kyy = f(f(mass + f(f(armA[0] * armA[0]) * iA)) + f(f(armB[0] * armB[0]) * iB))
  const kyz = f(f(armA[0] * iA) + f(armB[0] * iB))
  const ex: Vec3 = [kxx, kxy, kxz]
  const ey: Vec3 = [kxy, kyy, kyz]
  const ez: Vec3 = [kxz, kyz, f(iA + iB)]
  const eyz = cross3(ey, ez)
  const over22 = inverse(f(f(kxx * kyy) - f(kxy * kxy)))
  const work = { index, armA, armB, ex, ey, ez, eyz, over22, over33: inverse(dot3(ex, eyz)) }

  const angle = f(f(b.angle - a.angle) - reference)
  const limit = angle <= lower ? AT_LOWER : angle >= upper ? AT_UPPER : INACTIVE
  if (limit === INACTIVE || limit !== joint.limit) joint.limit_impulse = 0
  joint.limit = limit
  push(a, b, work, joint.impulse, (lever) => f(f(lever + joint.motor_impulse) + joint.limit_impulse))
  return work
}

/** One iteration on velocities: the motor, then the point, at a limit together with the angle. */
export function solveJointVelocity(world: World, work: JointWork): void {
  const joint = world.joints[work.index]
  const [a, b] = [world.bodies[LANDER_BODY], world.bodies[work.index + 1]]
  const speed = f(f(b.angular_velocity - a.angular_velocity) - JOINTS[work.index].motorSpeed)
  const motor = clamp(f(joint.motor_impulse + f(-motorMass * speed)), -MAX_MOTOR_IMPULSE, MAX_MOTOR_IMPULSE)
  const change = f(motor - joint.motor_impulse)
  joint.motor_impulse = motor
  a.angular_velocity = f(a.angular_velocity - f(iA * change))
  b.angular_velocity = f(b.angular_velocity + f(iB * change))

  const drift = relativeVelocity(a, b, work)
  if (joint.limit === INACTIVE) {
    const p = solve22(work, negate(drift))
    joint.impulse = add(joint.impulse, p)
    push(a, b, work, p, (lever) => lever)
    return
  }
  let [p, twist] = solve33(work, [drift[0], drift[1], f(b.angular_velocity - a.angular_velocity)])
  const sum = f(joint.limit_impulse + twist)
  if (joint.limit === AT_LOWER ? sum < 0 : sum > 0) {
    // The limit would pull: it is released, and only the point is solved.
    p = solve22(work, add(negate(drift), scale(joint.limit_impulse, [work.ez[0], work.ez[1]])))
    twist = -joint.limit_impulse
    joint.limit_impulse = 0
  } else joint.limit_impulse = sum
  joint.impulse = add(joint.impulse, p)
  push(a, b, work, p, (lever) => f(lever + twist))
}

/** Velocity of the leg's anchor relative to the lander's. */
function relativeVelocity(a: Body, b: Body, { armA, armB }: JointWork): Vec2 {
  const [wA, wB] = [a.angular_velocity, b.angular_velocity]
  return [
    f(f(f(b.velocity[0] + f(-wB * armB[1])) - a.velocity[0]) - f(-wA * armA[1])),
    f(f(f(b.velocity[1] + f(wB * armB[0])) - a.velocity[1]) - f(wA * armA[0])),
  ]
}

/** The impulse whose effect on the point is `rhs`. */
const solve22 = ({ ex, ey, over22 }: JointWork, rhs: Vec2): Vec2 => [
  f(over22 * f(f(ey[1] * rhs[0]) - f(ey[0] * rhs[1]))),
  f(over22 * f(f(ex[0] * rhs[1]) - f(ex[1] * rhs[0]))),
]

/** The impulse and the angular impulse that remove `drift` of point and angle. */
function solve33({ ex, ey, ez, eyz, over33 }: JointWork, drift: Vec3): [Vec2, number] {
  const x = f(over33 * dot3(drift, eyz))
  const y = f(over33 * dot3(ex, cross3(drift, ez)))
  const z = f(over33 * dot3(ex, cross3(ey, drift)))
  return [[-x, -y], -z]
}

/** One iteration on positions: the limit, then the point. Returns whether both errors are small enough. */
export function solveJointPosition(world: World, index: number): boolean {
  const { limit } = world.joints[index]
  const { lower, upper, reference, anchorA, anchorB } = JOINTS[index]
  const [a, b] = [world.bodies[LANDER_BODY], world.bodies[index + 1]]
  let angularError = 0
  if (limit !== INACTIVE) {
    const angle = f(f(b.angle - a.angle) - reference)
    const excess = f(angle - (limit === AT_LOWER ? lower : upper))
    angularError = limit === AT_LOWER ? -excess : excess
    const correction =
      limit === AT_LOWER
        ? clamp(f(excess + ANGULAR_SLOP), -MAX_ANGULAR_CORRECTION, 0)
        : clamp(f(excess - ANGULAR_SLOP), 0, MAX_ANGULAR_CORRECTION)
    const impulse = f(-motorMass * correction)
    a.angle = f(a.angle - f(iA * impulse))
    b.angle = f(b.angle + f(iB * impulse))
  }
  const armA = turn(poseAt([0, 0], a.angle, [0, 0]), anchorA)
  const armB = turn(poseAt([0, 0], b.angle, [0, 0]), anchorB)
  const apart = sub(sub(add(b.position, armB), a.position), armA)
  const mass = f(mA + mB)
  const kxx = f(f(mass + f(f(iA * armA[1]) * armA[1])) + f(f(iB * armB[1]) * armB[1]))
  const kxy = f(f(f(-iA * armA[0]) * armA[1]) - f(f(iB * armB[0]) * armB[1]))
  const kyy = f(f(mass + f(f(iA * armA[0]) * armA[0])) + f(f(iB * armB[0]) * armB[0]))
  const over = inverse(f(f(kxx * kyy) - f(kxy * kxy)))
  const p: Vec2 = [
    -f(over * f(f(kyy * apart[0]) - f(kxy * apart[1]))),
    -f(over * f(f(kxx * apart[1]) - f(kxy * apart[0]))),
  ]
  a.position = sub(a.position, scale(mA, p))
  a.angle = f(a.angle - f(iA * cross(armA, p)))
  b.position = add(b.position, scale(mB, p))
  b.angle = f(b.angle + f(iB * cross(armB, p)))
  return length(apart) <= LINEAR_SLOP && angularError <= ANGULAR_SLOP
}
