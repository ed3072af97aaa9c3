import type { BodyDescription, RobotDescription } from './description'
import { inverseWeights } from './invweight'
import { massOf } from './mass'
import { HINGE, type PlanarBody, type PlanarCapsule, type PlanarJoint, type PlanarModel, SLIDE, SURFACE } from './model'

/**
 * The model of a robot, as MuJoCo compiles it: masses and moments of inertia from the capsules' densities, inverse weights
 * from the mass matrix at the reference pose.
 * @throws Error for a name that is unknown or used twice, and for numbers that no robot can have.
 */
export function compilePlanar(robot: RobotDescription): PlanarModel {
  const fail = (message: string): never => {
    throw new Error(`planar robot ${robot.name}: ${message}`)
  }
  checkNumbers(robot, fail)
  const find = (what: string, names: string[], name: string): number => {
    const found = names.indexOf(name)
    return found >= 0 ? found : fail(`there is no ${what} ${JSON.stringify(name)}. There are: ${names.join(', ')}.`)
  }
  const once = (what: string, names: string[]): string[] => {
    const again = names.find((name, i) => names.indexOf(name) < i)
    return again === undefined ? names : fail(`two are called ${what} ${JSON.stringify(again)}. Rename one.`)
  }
  const names = once(
    'body',
    robot.bodies.map(({ name }) => name),
  )
  const parents = robot.bodies.map(({ name, parent }, b) => {
    const found = parent === undefined ? -1 : find('body', names, parent)
    return found < b ? found : fail(`body ${name} is described before its parent, ${parent}. Move it behind.`)
  })
  const bodies = scaledTo(
    robot.totalMass,
    robot.bodies.map(
      ({ name, position, capsules }, b): PlanarBody => ({
        name,
        parent: parents[b],
        position,
        ...massOf(capsules),
        invweight: 0,
      }),
    ),
  )
  const joints = robot.bodies.flatMap(({ joints }, b) => joints.map((joint) => jointOf(joint, b)))
  const jointNames = once(
    'joint',
    joints.map(({ name }) => name),
  )
  const capsules = robot.bodies.flatMap(({ name, capsules }, body) =>
    capsules.map(({ density, ...capsule }): PlanarCapsule => {
      return { ...SURFACE, ...robot.surface, name, ...capsule, body }
    }),
  )
  const model: PlanarModel = {
    name: robot.name,
    bodies,
    joints,
    travel: [],
    capsules,
    floor: robot.floor ? { ...SURFACE, height: 0, ...robot.floor } : null,
    floorCapsules: robot.floor ? capsules.map((_, c) => c) : [],
    pairs: robot.selfCollisions ? pairsOf(capsules, parents) : [],
    actuators: robot.actuators.map(({ joint, gear, range = [-1, 1], name = joint }) => {
      return { name, joint: find('joint', jointNames, joint), gear, range }
    }),
    sites: (robot.sites ?? []).map(({ name, body, position }) => ({ name, body: find('body', names, body), position })),
    keepsConstraintForce: robot.keepsConstraintForce ?? false,
    timestep: robot.timestep,
    frameSkip: robot.frameSkip,
    integrator: robot.integrator,
    gravity: robot.gravity ?? [0, -9.81],
    density: robot.fluid?.density ?? 0,
    viscosity: robot.fluid?.viscosity ?? 0,
  }
  const weights = inverseWeights(model)
  return {
    ...model,
    bodies: bodies.map((body, b) => ({ ...body, invweight: weights.bodies[b] })),
    joints: joints.map((joint, j) => ({ ...joint, invweight: weights.joints[j] })),
    travel: travelOf(model),
  }
}

function checkNumbers(robot: RobotDescription, fail: (message: string) => never): void {
  if (!(robot.timestep > 0)) fail(`timestep: ${robot.timestep} is not above 0. Give it in seconds.`)
  if (!Number.isInteger(robot.frameSkip) || robot.frameSkip < 1) {
    fail(`frameSkip: ${robot.frameSkip} is not a whole number above 0. Use 1 or more.`)
  }
  if (robot.totalMass !== undefined && !(robot.totalMass > 0)) {
    fail(`totalMass: ${robot.totalMass} is not above 0. Give it in kg, or leave it out.`)
  }
  for (const { name, joints, capsules } of robot.bodies) {
    for (const { radius, density = 1000 } of capsules) {
      if (!(radius > 0)) fail(`a capsule of body ${name} has radius ${radius}. Make it larger than 0.`)
      if (!(density >= 0)) fail(`a capsule of body ${name} has density ${density}. Make it 0 or more.`)
    }
    for (const joint of joints) {
      const { name, range } = joint
      if (range && !(range[0] < range[1]))
        fail(`joint ${name} has the range ${range.join(' to ')}. Put the lower first.`)
      const length = joint.kind === 'slide' ? Math.hypot(joint.axis[0], joint.axis[1]) : 1
      if (!(Math.abs(length - 1) < 1e-9)) fail(`the axis of joint ${name} has length ${length}. Make it a unit vector.`)
    }
  }
}

function jointOf(joint: BodyDescription['joints'][number], body: number): PlanarJoint {
  const springRef = joint.springRef ?? joint.ref ?? 0
  const invweight = 0
  return joint.kind === 'slide'
    ? { ...SLIDE, ...joint, springRef, body, invweight }
    : { ...HINGE, anchor: [0, 0], sense: 1, ...joint, springRef, body, invweight }
}

/** Bodies with their masses scaled to the total. */
function scaledTo(total: number | undefined, bodies: PlanarBody[]): PlanarBody[] {
  if (total === undefined) return bodies
  const factor = total / bodies.reduce((sum, { mass }) => sum + mass, 0)
  return bodies.map(({ principal, ...body }) => ({
    ...body,
    mass: body.mass * factor,
    inertia: body.inertia * factor,
    principal: principal && { ...principal, along: principal.along * factor, across: principal.across * factor },
  }))
}

/** Capsules of bodies that are neither the same nor parent and child. */
function pairsOf(capsules: readonly PlanarCapsule[], parents: readonly number[]): [number, number][] {
  const apart = (a: number, b: number): boolean => a !== b && parents[a] !== b && parents[b] !== a
  return capsules.flatMap(({ body }, i) =>
    capsules.flatMap((other, j): [number, number][] => (j > i && apart(body, other.body) ? [[i, j]] : [])),
  )
}

/**
 * Free slides of a robot with one root that come before its hinges: along the floor, or anywhere if there is none.
 */
function travelOf({ bodies, joints, floor }: PlanarModel): number[] {
  if (bodies.filter(({ parent }) => parent < 0).length > 1) return []
  const first = joints.findIndex(({ kind, body }) => kind === 'hinge' || body > 0)
  return joints.slice(0, first < 0 ? joints.length : first).flatMap((joint, j) => {
    const free = joint.kind === 'slide' && !joint.range && joint.stiffness === 0
    return free && (!floor || joint.axis[1] === 0) ? [j] : []
  })
}
