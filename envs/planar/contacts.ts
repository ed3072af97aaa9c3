import { add, dot, type Kinematics, placed, scale, subtract } from './kinematics'
import { type Floor, mix, type PlanarModel, type Surface, type Vec2 } from './model'

export interface Contact {
  /** The bodies, and the capsules; -1: world and floor. */
  bodies: [first: number, second: number]
  capsules: [first: number, second: number]
  /** Below 0: how deep they overlap. */
  distance: number
  position: Vec2
  /** From the first to the second. */
  normal: Vec2
  tangent: Vec2
  surface: Surface
}

const known = new WeakMap<Surface, WeakMap<Surface, Surface>>()

/** `mix`, once for each pair. */
function mixed(a: Surface, b: Surface): Surface {
  let others = known.get(a)
  if (!others) known.set(a, (others = new WeakMap()))
  let found = others.get(b)
  if (!found) others.set(b, (found = mix(a, b)))
  return found
}

/** Below this, MuJoCo takes a length or a determinant as 0. */
const TINY = 1e-15

/**
 * All contacts that are nearer than their margins, in MuJoCo's order: floor and capsules, both ends of each; then pairs of
 * capsules.
 */
export function findContacts(model: PlanarModel, moving: Kinematics): Contact[] {
  const found: Contact[] = []
  const { floor } = model
  if (floor) for (const capsule of model.floorCapsules) touchFloor(model, moving, floor, capsule, found)
  for (const [first, second] of model.pairs) touchCapsule(model, moving, first, second, found)
  return found
}

const endsOf = ({ capsules }: PlanarModel, { bodies }: Kinematics, c: number): Vec2[] =>
  capsules[c].ends.map((end) => placed(bodies[capsules[c].body], end))

/** The two spheres at the ends of a capsule, each against the floor; a sphere is one. The tangent is along the capsule. */
function touchFloor(model: PlanarModel, moving: Kinematics, floor: Floor, c: number, found: Contact[]): void {
  const capsule = model.capsules[c]
  const ends = endsOf(model, moving, c)
  const surface = mixed(floor, capsule)
  const tangent: Vec2 = [ends[0][0] < ends[1][0] ? -1 : 1, 0]
  const [first, second] = capsule.ends
  const isSphere = first.every((x, i) => x === second[i])
  for (const end of isSphere ? ends.slice(1) : ends) {
    const distance = end[1] - floor.height - capsule.radius
    if (distance >= surface.margin) continue
    const position: Vec2 = [end[0], end[1] - capsule.radius - distance / 2]
    found.push({ bodies: [-1, capsule.body], capsules: [-1, c], distance, position, normal: [0, 1], tangent, surface })
  }
}

const clamp = (x: number): number => Math.min(1, Math.max(-1, x))

/** Two capsules: the spheres around the nearest points of their segments; if these are parallel, up to two pairs. */
function touchCapsule(model: PlanarModel, moving: Kinematics, first: number, second: number, found: Contact[]): void {
  const segment = (c: number): { centre: Vec2; half: Vec2 } => {
    const [a, b] = endsOf(model, moving, c)
    return { centre: scale(add(a, b), 0.5), half: scale(subtract(a, b), 0.5) }
  }
  const one = segment(first)
  const two = segment(second)
  const touch = (x1: number, x2: number): void => {
    const p1 = add(one.centre, scale(one.half, x1))
    const p2 = add(two.centre, scale(two.half, x2))
    touchSpheres(model, [first, second], p1, p2, found)
  }
  // The squared distance is least where the point x1 of the first and x2 of the second solve
  // [a b; b c] [x1; x2] = [u; v], if both are in [-1, 1].
  const apart = subtract(one.centre, two.centre)
  const a = dot(one.half, one.half)
  const b = -dot(one.half, two.half)
  const c = dot(two.half, two.half)
  const u = -dot(one.half, apart)
  const v = dot(two.half, apart)
  const det = a * c - b * b
  if (Math.abs(det) >= TINY) {
    let x1 = (c * u - b * v) / det
    let x2 = (a * v - b * u) / det
    if (Math.abs(x1) > 1) {
      x1 = clamp(x1)
      x2 = (v - b * x1) / c
    }
    if (Math.abs(x2) > 1) {
      x2 = clamp(x2)
      x1 = clamp((u - b * x2) / a)
    }
    touch(x1, x2)
    return
  }
  const before = found.length
  const ends = [
    [1, clamp((v - b) / c)],
    [-1, clamp((v + b) / c)],
    [clamp((u - b) / a), 1],
    [clamp((u + b) / a), -1],
  ]
  ends.forEach(([x1, x2], i) => {
    if (i < 2 || found.length < before + 2) touch(x1, x2)
  })
}

/** Two spheres around points of two capsules. */
function touchSpheres({ capsules }: PlanarModel, pair: [number, number], p1: Vec2, p2: Vec2, found: Contact[]): void {
  const [one, two] = pair.map((c) => capsules[c])
  const surface = mixed(one, two)
  const between = subtract(p2, p1)
  const length = Math.hypot(between[0], between[1])
  const distance = length - one.radius - two.radius
  if (distance >= surface.margin) return
  // Segments that cross: MuJoCo's normal is off the plane, where nothing moves.
  const normal: Vec2 = length < TINY ? [0, 0] : scale(between, 1 / length)
  const position = add(p1, scale(normal, one.radius + distance / 2))
  const tangent: Vec2 = [-normal[1], normal[0]]
  found.push({ bodies: [one.body, two.body], capsules: pair, distance, position, normal, tangent, surface })
}
