/** The discrete part of a step: Box2D's b2Island::Solve over the three bodies, which are always one island. */
import { type Constraint, makeConstraint, prepare } from './constraint'
import { solvePosition, solveVelocity, warmStart } from './contact_solver'
import { type JointWork, prepareJoint, solveJointPosition, solveJointVelocity } from './joint'
import { add, dot, f, length, scale, type Vec2 } from './math'
import {
  ANGULAR_SLEEP_SQUARED,
  BAUMGARTE,
  DT,
  LINEAR_SLEEP_SQUARED,
  LINEAR_SLOP,
  MAX_ROTATION,
  MAX_ROTATION_SQUARED,
  MAX_TRANSLATION,
  MAX_TRANSLATION_SQUARED,
  POSITION_ITERATIONS,
  TIME_TO_SLEEP,
  VELOCITY_ITERATIONS,
} from './settings'
import { LANDER_BODY, SHAPES } from './shapes'
import { type Body, bodyOf, MAX_CONSTRAINTS, type World, wake } from './state'

/** The force and torque on the lander for one step, N and N m. */
export interface Load {
  force: Vec2
  torque: number
}

export interface Physics {
  /** Along y, m/s^2. */
  gravity: number
  /** Ends the velocity iterations when one changes no velocity by more than FAST_TOLERANCE. */
  fast: boolean
}

const FAST_TOLERANCE = 1e-6

/** Moves a body by its velocity for `dt` seconds, and limits how far. */
export function integrate(body: Body, dt: number): void {
  const way = scale(dt, body.velocity)
  if (dot(way, way) > MAX_TRANSLATION_SQUARED) body.velocity = scale(f(MAX_TRANSLATION / length(way)), body.velocity)
  const turned = f(dt * body.angular_velocity)
  if (f(turned * turned) > MAX_ROTATION_SQUARED) {
    body.angular_velocity = f(body.angular_velocity * f(MAX_ROTATION / Math.abs(turned)))
  }
  body.position = add(body.position, scale(dt, body.velocity))
  body.angle = f(body.angle + f(dt * body.angular_velocity))
}

/** Bodies and joints in the order of Box2D's search, which starts at the last body that is awake. */
function islandOrder(bodies: Body[]): { bodies: number[]; joints: number[] } {
  if (bodies[2].awake === 1) return { bodies: [2, 0, 1], joints: [1, 0] }
  if (bodies[1].awake === 1) return { bodies: [1, 0, 2], joints: [0, 1] }
  return { bodies: [0, 1, 2], joints: [1, 0] }
}

/** Velocities and positions after one step. Returns whether the island was awake, and so moved. */
export function solveIsland(world: World, { gravity, fast }: Physics, load: Load): boolean {
  const { bodies } = world
  if (bodies.every((body) => body.awake === 0)) return false
  const order = islandOrder(bodies)
  for (const body of bodies) wake(body)

  // Each body's contacts in turn, in the order of the list. Their positions are computed before any velocity changes.
  const constraints: Constraint[] = []
  for (const index of order.bodies) {
    for (let slot = 0; slot < world.contact_count; slot++) {
      const contact = world.contacts[slot]
      const solved = bodyOf(contact) === index && contact.points > 0 && constraints.length < MAX_CONSTRAINTS
      if (solved) constraints.push(makeConstraint(world, slot, true))
    }
  }
  bodies.forEach((body, i) => {
    const { invMass, invInertia } = SHAPES[i]
    const [force, torque] = i === LANDER_BODY ? [load.force, load.torque] : [[0, 0] as Vec2, 0]
    body.velocity = add(body.velocity, scale(DT, add([0, f(gravity)], scale(invMass, force))))
    body.angular_velocity = f(body.angular_velocity + f(f(DT * invInertia) * torque))
  })
  for (const c of constraints) prepare(world, c)
  for (const c of constraints) warmStart(world, c)
  const joints = order.joints.map((index) => prepareJoint(world, index))

  solveVelocities(world, joints, constraints, fast)
  for (const { slot, points, normalImpulse, tangentImpulse } of constraints) {
    const contact = world.contacts[slot]
    for (let i = 0; i < points; i++) {
      contact.normal_impulse[i] = normalImpulse[i]
      contact.tangent_impulse[i] = tangentImpulse[i]
    }
  }
  for (const body of bodies) integrate(body, DT)
  const solved = solvePositions(world, order.joints, constraints)
  fallAsleep(bodies, solved)
  return true
}

function solveVelocities(world: World, joints: JointWork[], constraints: Constraint[], fast: boolean): void {
  for (let i = 0; i < VELOCITY_ITERATIONS; i++) {
    const before = fast ? velocitiesOf(world) : []
    for (const joint of joints) solveJointVelocity(world, joint)
    for (const c of constraints) solveVelocity(world, c)
    if (fast && velocitiesOf(world).every((v, k) => Math.abs(f(v - before[k])) <= FAST_TOLERANCE)) return
  }
}

const velocitiesOf = ({ bodies }: World): number[] =>
  bodies.flatMap(({ velocity, angular_velocity }) => [...velocity, angular_velocity])

/** Corrects separated joints and penetrations. Returns whether the remaining error is small enough. */
function solvePositions(world: World, joints: number[], constraints: Constraint[]): boolean {
  for (let i = 0; i < POSITION_ITERATIONS; i++) {
    let least = 0
    for (const c of constraints) least = Math.min(least, solvePosition(world, c, BAUMGARTE))
    let ok = least >= f(-3 * LINEAR_SLOP)
    for (const index of joints) ok = solveJointPosition(world, index) && ok
    if (ok) return true
  }
  return false
}

/** All fall asleep together, when all have been slow for half a second. */
function fallAsleep(bodies: Body[], solved: boolean): void {
  let least = Number.MAX_VALUE
  for (const body of bodies) {
    const fast =
      f(body.angular_velocity * body.angular_velocity) > ANGULAR_SLEEP_SQUARED ||
      dot(body.velocity, body.velocity) > LINEAR_SLEEP_SQUARED
    body.sleep_time = fast ? 0 : f(body.sleep_time + DT)
    least = Math.min(least, body.sleep_time)
  }
  if (least < TIME_TO_SLEEP || !solved) return
  for (const body of bodies) {
    body.awake = 0
    body.sleep_time = 0
    body.velocity = [0, 0]
    body.angular_velocity = 0
  }
}
