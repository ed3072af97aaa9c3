/** The state of the physics between steps: a fixed number of words, the fields of WGSL's structs in order. */
import { f, type Pose, place, poseAt, type Vec2 } from './math'
import { AABB_EXTENSION, RADIUS } from './settings'
import { NUM_BODIES, SHAPES } from './shapes'

/** A dynamic body. */
export type Body = {
  /** Centre of mass in the world, m, and its velocity, m/s. */
  position: Vec2
  velocity: Vec2
  /** rad, rad/s. */
  angle: number
  angular_velocity: number
  /** Seconds since it became slow enough to sleep. */
  sleep_time: number
  /** 1, or 0 when it sleeps. */
  awake: number
  /** Its box in the broad phase, larger than the body: lower left and upper right corner. */
  fat_lower: Vec2
  fat_upper: Vec2
}

/** A revolute joint between lander and leg: accumulated impulses, for warm starting. */
export type Joint = {
  impulse: Vec2
  limit_impulse: number
  motor_impulse: number
  /** Which limit it is at: see joint.ts. */
  limit: number
}

/** A pair of body and edge whose boxes overlap. */
export type Contact = {
  /** edge << 2 | body. */
  pair: number
  /** Points of its manifold, 0 to 2; 0: not touching. */
  points: number
  /** The features that made each point: see manifold.ts. */
  id: [number, number]
  normal_impulse: Vec2
  tangent_impulse: Vec2
}

/** The hills: edges 1 to 10 go from point to point; edge 0 is the floor from (0, 0) to (20, 0). */
export const NUM_HILLS = 11
/**
 * Three bodies over at most three hills and the floor each, at the speeds that engines and gravity give within the
 * picture. Pairs beyond it are left out, in the WGSL as here.
 */
export const MAX_CONTACTS = 12
/** Touching contacts that are solved at once; more are left out. Two thousand episodes had 4 at most. */
export const MAX_CONSTRAINTS = 8

export type World = {
  bodies: Body[]
  joints: Joint[]
  /** Height of the moon at x = 0, 2, ..., 20 m. */
  terrain: number[]
  contact_count: number
  /** The latest first: Box2D's list. */
  contacts: Contact[]
}

export const bodyOf = (contact: Contact): number => contact.pair & 3
export const edgeOf = (contact: Contact): number => contact.pair >>> 2

export const noContact = (): Contact => ({
  pair: 0,
  points: 0,
  id: [0, 0],
  normal_impulse: [0, 0],
  tangent_impulse: [0, 0],
})

/** A body at rest whose origin is at `origin`. */
export function bodyAt(index: number, origin: Vec2, angle: number): Body {
  const { centre, vertices } = SHAPES[index]
  const pose = { ...poseAt([0, 0], angle, [0, 0]), p: origin }
  const corners = vertices.map((v) => place(pose, v))
  const margin = (x: number, sign: number): number => f(f(x + sign * RADIUS) + sign * AABB_EXTENSION)
  const least = (axis: number): number => margin(Math.min(...corners.map((v) => v[axis])), -1)
  const most = (axis: number): number => margin(Math.max(...corners.map((v) => v[axis])), 1)
  return {
    position: place(pose, centre),
    velocity: [0, 0],
    angle,
    angular_velocity: 0,
    sleep_time: 0,
    awake: 1,
    fat_lower: [least(0), least(1)],
    fat_upper: [most(0), most(1)],
  }
}

/** A world over `terrain`: bodies at the top, legs spread, nothing touching. */
export function makeWorld(terrain: number[], start: Vec2, legOffset: number): World {
  return {
    bodies: Array.from({ length: NUM_BODIES }, (_, i) => {
      if (i === 0) return bodyAt(i, start, 0)
      const side = i === 1 ? -1 : 1
      return bodyAt(i, [f(start[0] - side * legOffset), start[1]], f(side * 0.05))
    }),
    joints: [1, 2].map(() => ({ impulse: [0, 0], limit_impulse: 0, motor_impulse: 0, limit: 0 })),
    terrain,
    contact_count: 0,
    contacts: Array.from({ length: MAX_CONTACTS }, noContact),
  }
}

/** The ends of edge `edge` of the moon. */
export function edgeEnds(world: World, edge: number): [Vec2, Vec2] {
  if (edge === 0) {
    return [
      [0, 0],
      [20, 0],
    ]
  }
  return [
    [2 * (edge - 1), world.terrain[edge - 1]],
    [2 * edge, world.terrain[edge]],
  ]
}

export const poseOf = (world: World, body: number): Pose =>
  poseAt(world.bodies[body].position, world.bodies[body].angle, SHAPES[body].centre)

/** Wakes a body that sleeps; its timer starts again. */
export function wake(body: Body): void {
  if (body.awake === 0) {
    body.awake = 1
    body.sleep_time = 0
  }
}
