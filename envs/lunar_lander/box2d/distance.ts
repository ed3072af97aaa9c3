/** How far an edge of the moon is from a body: Box2D's b2Distance.cpp (GJK with Voronoi regions), radii left out. */
import {
  add,
  clockwise,
  cross,
  dot,
  EPSILON,
  f,
  length,
  negate,
  type Pose,
  place,
  scale,
  sub,
  turnBack,
  type Vec2,
} from './math'

/** The nearest features, stored between calls. */
export interface SimplexCache {
  metric: number
  count: number
  indexA: number[]
  indexB: number[]
}

/** A vertex of the difference of both shapes. */
interface SimplexVertex {
  a: Vec2
  b: Vec2
  /** b - a */
  w: Vec2
  /** Its share of the nearest point. */
  share: number
  indexA: number
  indexB: number
}

const MAX_ITERATIONS = 20

/** The vertex farthest along `direction`. */
export function support(vertices: Vec2[], direction: Vec2): number {
  let best = 0
  let most = dot(vertices[0], direction)
  for (let i = 1; i < vertices.length; i++) {
    const value = dot(vertices[i], direction)
    if (value > most) {
      most = value
      best = i
    }
  }
  return best
}

/** The distance between the edge `edge`, in the world, and the body of `vertices` at `pose`. Reads and writes `cache`. */
export function distance(cache: SimplexCache, edge: Vec2[], vertices: Vec2[], pose: Pose): number {
  const vertexOf = (indexA: number, indexB: number, share: number): SimplexVertex => {
    const [a, b] = [edge[indexA], place(pose, vertices[indexB])]
    return { a, b, w: sub(b, a), share, indexA, indexB }
  }
  let simplex = cache.indexA.slice(0, cache.count).map((indexA, i) => vertexOf(indexA, cache.indexB[i], 0))
  if (simplex.length > 1) {
    // A simplex that has changed too much since then is not used.
    const [before, now] = [cache.metric, metricOf(simplex)]
    if (now < f(0.5 * before) || f(2 * before) < now || now < EPSILON) simplex = []
  }
  if (simplex.length === 0) simplex = [vertexOf(0, 0, 1)]

  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const saved = simplex
    if (simplex.length === 2) simplex = solve2(simplex)
    else if (simplex.length === 3) simplex = solve3(simplex)
    if (simplex.length === 3) break
    const d = searchDirection(simplex)
    if (dot(d, d) < f(EPSILON * EPSILON)) break
    const vertex = vertexOf(support(edge, negate(d)), support(vertices, turnBack(pose, d)), 0)
    if (saved.some((v) => v.indexA === vertex.indexA && v.indexB === vertex.indexB)) break
    simplex = [...simplex, vertex]
  }

  cache.metric = metricOf(simplex)
  cache.count = simplex.length
  cache.indexA = simplex.map((v) => v.indexA)
  cache.indexB = simplex.map((v) => v.indexB)
  return separation(simplex)
}

function separation(simplex: SimplexVertex[]): number {
  if (simplex.length === 3) return 0
  const [v1, v2] = simplex
  if (simplex.length === 1) return length(sub(v1.a, v1.b))
  const at = (of: 'a' | 'b'): Vec2 => add(scale(v1.share, v1[of]), scale(v2.share, v2[of]))
  return length(sub(at('a'), at('b')))
}

function metricOf(simplex: SimplexVertex[]): number {
  const [v1, v2, v3] = simplex
  if (simplex.length === 1) return 0
  return simplex.length === 2 ? length(sub(v1.w, v2.w)) : cross(sub(v2.w, v1.w), sub(v3.w, v1.w))
}

/** From the nearest point of the simplex towards the origin. */
function searchDirection(simplex: SimplexVertex[]): Vec2 {
  const [v1, v2] = simplex
  if (simplex.length === 1) return negate(v1.w)
  const along = sub(v2.w, v1.w)
  return cross(along, negate(v1.w)) > 0 ? negate(clockwise(along)) : clockwise(along)
}

const alone = (v: SimplexVertex): SimplexVertex[] => [{ ...v, share: 1 }]
/** The nearest point lies between two vertices. */
function between(v1: SimplexVertex, v2: SimplexVertex, d1: number, d2: number): SimplexVertex[] {
  const over = f(1 / f(d1 + d2))
  return [
    { ...v1, share: f(d1 * over) },
    { ...v2, share: f(d2 * over) },
  ]
}

function solve2([v1, v2]: SimplexVertex[]): SimplexVertex[] {
  const along = sub(v2.w, v1.w)
  const d2 = -dot(v1.w, along)
  if (d2 <= 0) return alone(v1)
  const d1 = dot(v2.w, along)
  if (d1 <= 0) return alone(v2)
  return between(v1, v2, d1, d2)
}

/** d12_1: the share of vertex 1 on the line from 1 to 2, times its squared length. */
function solve3([v1, v2, v3]: SimplexVertex[]): SimplexVertex[] {
  const [e12, e13, e23] = [sub(v2.w, v1.w), sub(v3.w, v1.w), sub(v3.w, v2.w)]
  const [d12_1, d12_2] = [dot(v2.w, e12), -dot(v1.w, e12)]
  const [d13_1, d13_2] = [dot(v3.w, e13), -dot(v1.w, e13)]
  const [d23_1, d23_2] = [dot(v3.w, e23), -dot(v2.w, e23)]
  const n123 = cross(e12, e13)
  const d123_1 = f(n123 * cross(v2.w, v3.w))
  const d123_2 = f(n123 * cross(v3.w, v1.w))
  const d123_3 = f(n123 * cross(v1.w, v2.w))
  if (d12_2 <= 0 && d13_2 <= 0) return alone(v1)
  if (d12_1 > 0 && d12_2 > 0 && d123_3 <= 0) return between(v1, v2, d12_1, d12_2)
  if (d13_1 > 0 && d13_2 > 0 && d123_2 <= 0) return between(v1, v3, d13_1, d13_2)
  if (d12_1 <= 0 && d23_2 <= 0) return alone(v2)
  if (d13_1 <= 0 && d23_1 <= 0) return alone(v3)
  // Vertex 3 takes the place of vertex 1.
  if (d23_1 > 0 && d23_2 > 0 && d123_1 <= 0) return between(v3, v2, d23_2, d23_1)
  return [v1, v2, v3]
}
