/** Which bodies and edges are close enough for a collision test: Box2D's bounding boxes, without its tree. */
import { f, type Pose, place, poseAt, sub, type Vec2 } from './math'
import { AABB_EXTENSION, AABB_MULTIPLIER, RADIUS } from './settings'
import { NUM_BODIES, SHAPES } from './shapes'
import { bodyOf, edgeEnds, edgeOf, MAX_CONTACTS, NUM_HILLS, noContact, poseOf, type World, wake } from './state'

const margin = f(AABB_EXTENSION)

/** Whether the boxes of a body and an edge overlap. */
export function near(world: World, body: number, edge: number): boolean {
  const { fat_lower, fat_upper } = world.bodies[body]
  const [v1, v2] = edgeEnds(world, edge)
  for (const axis of [0, 1]) {
    const least = f(f(Math.min(v1[axis], v2[axis]) - RADIUS) - margin)
    const most = f(f(Math.max(v1[axis], v2[axis]) + RADIUS) + margin)
    if (least > fat_upper[axis] || fat_lower[axis] > most) return false
  }
  return true
}

/** The box of the body at a pose. */
function boxAt(body: number, pose: Pose): [Vec2, Vec2] {
  const corners = SHAPES[body].vertices.map((v) => place(pose, v))
  const least = (axis: number): number => f(Math.min(...corners.map((v) => v[axis])) - RADIUS)
  const most = (axis: number): number => f(Math.max(...corners.map((v) => v[axis])) + RADIUS)
  return [
    [least(0), least(1)],
    [most(0), most(1)],
  ]
}

/**
 * Extends the body's box to its motion from the pose (`centre`, `angle`) to the present one. Returns whether the box
 * had to change: then it is extended ahead by twice the motion.
 */
export function sweepBox(world: World, body: number, centre: Vec2, angle: number): boolean {
  const b = world.bodies[body]
  const from = poseAt(centre, angle, SHAPES[body].centre)
  const to = poseOf(world, body)
  const boxes = [boxAt(body, from), boxAt(body, to)]
  const lower = [0, 1].map((axis) => Math.min(boxes[0][0][axis], boxes[1][0][axis]))
  const upper = [0, 1].map((axis) => Math.max(boxes[0][1][axis], boxes[1][1][axis]))
  const inside = [0, 1].every((axis) => b.fat_lower[axis] <= lower[axis] && upper[axis] <= b.fat_upper[axis])
  if (inside) return false
  const way = sub(to.p, from.p)
  for (const axis of [0, 1]) {
    const ahead = f(AABB_MULTIPLIER * way[axis])
    const least = f(lower[axis] - margin)
    const most = f(upper[axis] + margin)
    b.fat_lower[axis] = ahead < 0 ? f(least + ahead) : least
    b.fat_upper[axis] = ahead < 0 ? most : f(most + ahead)
  }
  return true
}

/**
 * Adds a contact for every new pair of an edge and a body whose box changed; the last one becomes the first of the
 * list.
 */
export function findNewContacts(world: World, moved: boolean[]): number {
  let added = 0
  for (let edge = 0; edge < NUM_HILLS; edge++) {
    for (let body = 0; body < NUM_BODIES; body++) {
      if (!moved[body] || !near(world, body, edge) || known(world, body, edge)) continue
      if (world.contact_count === MAX_CONTACTS) continue
      world.contacts.pop()
      world.contacts.unshift({ ...noContact(), pair: (edge << 2) | body })
      world.contact_count++
      added++
      wake(world.bodies[body])
    }
  }
  return added
}

const known = (world: World, body: number, edge: number): boolean =>
  world.contacts.slice(0, world.contact_count).some((c) => bodyOf(c) === body && edgeOf(c) === edge)

/** Removes contact `slot` from the list. */
export function removeContact(world: World, slot: number): void {
  world.contacts.splice(slot, 1)
  world.contacts.push(noContact())
  world.contact_count--
}
