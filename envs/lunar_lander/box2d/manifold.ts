/**
 * Where an edge of the moon and a body touch: Box2D's b2CollideEdge.cpp for edges without neighbours. The moon stands at
 * the origin, unturned, so its frame is the world's.
 */
import {
  add,
  clockwise,
  dot,
  f,
  negate,
  normalise,
  type Pose,
  place,
  scale,
  sub,
  turn,
  turnBack,
  type Vec2,
} from './math'
import { ANGULAR_SLOP, RADIUS } from './settings'
import type { Shape } from './shapes'

export const FACE_EDGE = 1
export const FACE_BODY = 2

/** One or two points, or none. */
export interface Manifold {
  count: number
  /** Whose face the normal belongs to: FACE_EDGE or FACE_BODY. */
  type: number
  /** In the frame of that face, with a point of it. */
  normal: Vec2
  point: Vec2
  /** The points, in the frame of the other one. */
  local: [Vec2, Vec2]
  /** The features that made each point: indexA | indexB << 8 | typeA << 16 | typeB << 24, type 0 vertex, 1 face. */
  id: [number, number]
}

/** A point of the incident edge, and its feature. */
interface ClipVertex {
  v: Vec2
  id: number
}

const TOTAL_RADIUS = f(2 * RADIUS)
const feature = (indexA: number, indexB: number, typeA: number, typeB: number): number =>
  (indexA | (indexB << 8) | (typeA << 16) | (typeB << 24)) >>> 0
/** The same feature, seen from the other body. */
const swapped = (id: number): number => feature((id >>> 8) & 255, id & 255, (id >>> 24) & 255, (id >>> 16) & 255)

export function collide([v1, v2]: [Vec2, Vec2], shape: Shape, pose: Pose): Manifold {
  const none: Manifold = {
    count: 0,
    type: 0,
    normal: [0, 0],
    point: [0, 0],
    local: [
      [0, 0],
      [0, 0],
    ],
    id: [0, 0],
  }
  const edgeNormal = clockwise(normalise(sub(v2, v1)))
  const front = dot(edgeNormal, sub(place(pose, shape.centre), v1)) >= 0
  const normal = front ? edgeNormal : negate(edgeNormal)
  const vertices = shape.vertices.map((v) => place(pose, v))
  const normals = shape.normals.map((n) => turn(pose, n))
  const n = vertices.length

  const edgeSeparation = separationOfEdge(normal, v1, vertices)
  if (edgeSeparation > TOTAL_RADIUS) return none
  const [axis, bodySeparation] = separationOfBody(normal, v1, v2, vertices, normals)
  if (axis >= 0 && bodySeparation > TOTAL_RADIUS) return none
  const byBody = axis >= 0 && bodySeparation > f(f(f(0.98) * edgeSeparation) + f(0.001))

  // The reference face with its two ends, and the incident edge to be clipped against its sides.
  let face: { i1: number; i2: number; v1: Vec2; v2: Vec2; normal: Vec2 }
  let incident: [ClipVertex, ClipVertex]
  if (byBody) {
    const i2 = axis + 1 < n ? axis + 1 : 0
    const id = feature(0, axis, 0, 1)
    incident = [
      { v: v1, id },
      { v: v2, id },
    ]
    face = { i1: axis, i2, v1: vertices[axis], v2: vertices[i2], normal: normals[axis] }
  } else {
    const i1 = mostAgainst(normal, normals)
    const i2 = i1 + 1 < n ? i1 + 1 : 0
    incident = [
      { v: vertices[i1], id: feature(0, i1, 1, 0) },
      { v: vertices[i2], id: feature(0, i2, 1, 0) },
    ]
    face = front ? { i1: 0, i2: 1, v1, v2, normal } : { i1: 1, i2: 0, v1: v2, v2: v1, normal }
  }

  const side = clockwise(face.normal)
  const once = clip(incident, side, dot(side, face.v1), face.i1)
  const clipped = once && clip(once, negate(side), dot(negate(side), face.v2), face.i2)
  if (!clipped) return none

  const manifold: Manifold = byBody
    ? { ...none, type: FACE_BODY, normal: shape.normals[axis], point: shape.vertices[axis] }
    : { ...none, type: FACE_EDGE, normal: face.normal, point: face.v1 }
  for (const { v, id } of clipped) {
    if (dot(face.normal, sub(v, face.v1)) > TOTAL_RADIUS) continue
    manifold.local[manifold.count] = byBody ? v : turnBack(pose, sub(v, pose.p))
    manifold.id[manifold.count] = byBody ? swapped(id) : id
    manifold.count++
  }
  return manifold
}

/** Distance of the nearest vertex in front of the edge. */
function separationOfEdge(normal: Vec2, v1: Vec2, vertices: Vec2[]): number {
  let least = Number.MAX_VALUE
  for (const v of vertices) {
    const s = dot(normal, sub(v, v1))
    if (s < least) least = s
  }
  return least
}

/** The face of the body that is farthest from the edge, and how far; -1 where no face may be taken. */
function separationOfBody(normal: Vec2, v1: Vec2, v2: Vec2, vertices: Vec2[], normals: Vec2[]): [number, number] {
  let axis = -1
  let most = -Number.MAX_VALUE
  for (let i = 0; i < vertices.length; i++) {
    const out = negate(normals[i])
    const s1 = dot(out, sub(vertices[i], v1))
    const s2 = dot(out, sub(vertices[i], v2))
    const s = Math.min(s1, s2)
    if (s > TOTAL_RADIUS) return [i, s]
    // An edge without neighbours: both limits are the back side of its normal.
    if (dot(add(out, normal), normal) < -ANGULAR_SLOP) continue
    if (s > most) {
      most = s
      axis = i
    }
  }
  return [axis, most]
}

/** The face of the body whose normal is most opposed to `normal`. */
function mostAgainst(normal: Vec2, normals: Vec2[]): number {
  let best = 0
  let least = dot(normal, normals[0])
  for (let i = 1; i < normals.length; i++) {
    const value = dot(normal, normals[i])
    if (value < least) {
      least = value
      best = i
    }
  }
  return best
}

/** The part of a segment behind a plane; undefined when less than two points are left. */
function clip(
  [a, b]: [ClipVertex, ClipVertex],
  normal: Vec2,
  offset: number,
  index: number,
): [ClipVertex, ClipVertex] | undefined {
  const distanceA = f(dot(normal, a.v) - offset)
  const distanceB = f(dot(normal, b.v) - offset)
  const out: ClipVertex[] = []
  if (distanceA <= 0) out.push(a)
  if (distanceB <= 0) out.push(b)
  if (f(distanceA * distanceB) < 0) {
    const t = f(distanceA / f(distanceA - distanceB))
    out.push({ v: add(a.v, scale(t, sub(b.v, a.v))), id: feature(index, (a.id >>> 8) & 255, 0, 1) })
  }
  return out.length === 2 ? [out[0], out[1]] : undefined
}
