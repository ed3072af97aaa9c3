/**
 * The time at which a moving body hits an edge: Box2D's b2TimeOfImpact.cpp (conservative advancement along separating
 * axes).
 */
import { distance, type SimplexCache, support } from './distance'
import {
  add,
  clockwise,
  dot,
  f,
  negate,
  normalise,
  type Pose,
  place,
  poseAt,
  scale,
  sub,
  turn,
  turnBack,
  type Vec2,
} from './math'
import { LINEAR_SLOP, PI, RADIUS } from './settings'

/** The motion of a body: centre of mass and angle at fraction `alpha0` of the step, and at its end. */
export interface Sweep {
  c0: Vec2
  a0: number
  c: Vec2
  a: number
  alpha0: number
}

const separationWanted = f(f(2 * RADIUS) - f(3 * LINEAR_SLOP))
const TARGET = Math.max(separationWanted, LINEAR_SLOP)
const TOLERANCE = f(0.25 * LINEAR_SLOP)
const MAX_AXES = 20
const MAX_ROOTS = 50
/** pybox2d's b2_maxPolygonVertices. */
const MAX_PUSH_BACKS = 16
const NEAR = f(TARGET + TOLERANCE)
const DEEP = f(TARGET - TOLERANCE)

const mix = (beta: number, x0: number, x: number): number => f(f(f(1 - beta) * x0) + f(beta * x))

/** Moves the start of the motion to fraction `alpha`. */
export function advance(sweep: Sweep, alpha: number): void {
  const beta = f(f(alpha - sweep.alpha0) / f(1 - sweep.alpha0))
  sweep.c0 = [mix(beta, sweep.c0[0], sweep.c[0]), mix(beta, sweep.c0[1], sweep.c[1])]
  sweep.a0 = mix(beta, sweep.a0, sweep.a)
  sweep.alpha0 = alpha
}

/** The body's pose at fraction `beta` of the rest of its motion. */
function poseOn({ c0, a0, c, a }: Sweep, beta: number, localCentre: Vec2): Pose {
  return poseAt([mix(beta, c0[0], c[0]), mix(beta, c0[1], c[1])], mix(beta, a0, a), localCentre)
}

/** A separating axis of both shapes, fixed in one of them. */
interface Axis {
  kind: 'points' | 'edge' | 'body'
  axis: Vec2
  /** A point of the face. */
  point: Vec2
}

/** The axis between the nearest features at `pose`. */
function makeAxis({ count, indexA, indexB }: SimplexCache, edge: Vec2[], vertices: Vec2[], pose: Pose): Axis {
  if (count === 1) {
    const axis = normalise(sub(place(pose, vertices[indexB[0]]), edge[indexA[0]]))
    return { kind: 'points', axis, point: [0, 0] }
  }
  if (indexA[0] === indexA[1]) {
    const [v1, v2] = [vertices[indexB[0]], vertices[indexB[1]]]
    const axis = normalise(clockwise(sub(v2, v1)))
    const point = scale(0.5, add(v1, v2))
    const s = dot(sub(edge[indexA[0]], place(pose, point)), turn(pose, axis))
    return { kind: 'body', axis: s < 0 ? negate(axis) : axis, point }
  }
  const [v1, v2] = [edge[indexA[0]], edge[indexA[1]]]
  const axis = normalise(clockwise(sub(v2, v1)))
  const point = scale(0.5, add(v1, v2))
  const s = dot(sub(place(pose, vertices[indexB[0]]), point), axis)
  return { kind: 'edge', axis: s < 0 ? negate(axis) : axis, point }
}

/** The deepest vertices along the axis: of the edge, of the body. */
function deepest({ kind, axis }: Axis, edge: Vec2[], vertices: Vec2[], pose: Pose): [number, number] {
  if (kind === 'points') return [support(edge, axis), support(vertices, turnBack(pose, negate(axis)))]
  if (kind === 'edge') return [-1, support(vertices, turnBack(pose, negate(axis)))]
  return [support(edge, negate(turn(pose, axis))), -1]
}

/** Distance of these vertices along the axis. */
function along({ kind, axis, point }: Axis, a: Vec2, b: Vec2, pose: Pose): number {
  if (kind === 'points') return dot(sub(place(pose, b), a), axis)
  if (kind === 'edge') return dot(sub(place(pose, b), point), axis)
  return dot(sub(a, place(pose, point)), turn(pose, axis))
}

/** The fraction of the rest of the motion at which the body touches the edge; 1 if it does not. */
export function timeOfImpact(edge: Vec2[], vertices: Vec2[], localCentre: Vec2, given: Sweep): number {
  const sweep = { ...given }
  const turns = f(f(2 * PI) * Math.floor(f(sweep.a0 / f(2 * PI))))
  sweep.a0 = f(sweep.a0 - turns)
  sweep.a = f(sweep.a - turns)
  const cache: SimplexCache = { metric: 0, count: 0, indexA: [], indexB: [] }
  let t1 = 0
  for (let i = 0; i < MAX_AXES; i++) {
    const pose = poseOn(sweep, t1, localCentre)
    const apart = distance(cache, edge, vertices, pose)
    if (apart <= 0) return 1
    if (apart < NEAR) return t1
    const axis = makeAxis(cache, edge, vertices, pose)
    const next = nextOnAxis(axis, edge, vertices, localCentre, sweep, t1)
    if ('result' in next) return next.result
    t1 = next.t1
  }
  return 1
}

/** Follows one axis from `t1` on: either the result, or the time from which to try another axis. */
function nextOnAxis(
  axis: Axis,
  edge: Vec2[],
  vertices: Vec2[],
  localCentre: Vec2,
  sweep: Sweep,
  t1: number,
): { t1: number } | { result: number } {
  let t2 = 1
  for (let i = 0; i < MAX_PUSH_BACKS; i++) {
    const pose2 = poseOn(sweep, t2, localCentre)
    const [indexA, indexB] = deepest(axis, edge, vertices, pose2)
    const at = (pose: Pose): number => along(axis, edge[indexA], vertices[indexB], pose)
    const s2 = at(pose2)
    if (s2 > NEAR) return { result: 1 }
    if (s2 > DEEP) return { t1: t2 }
    const s1 = at(poseOn(sweep, t1, localCentre))
    // Overlapping from the start: no time of impact.
    if (s1 < DEEP) return { result: 1 }
    if (s1 <= NEAR) return { result: t1 }
    t2 = root((t) => at(poseOn(sweep, t, localCentre)), t1, s1, t2, s2)
  }
  return { t1 }
}

/** Where between `a1` and `a2` the separation reaches the target: bisection and secant in turn. */
function root(separationAt: (t: number) => number, a1: number, s1: number, a2: number, s2: number): number {
  const upper = a2
  for (let i = 0; i < MAX_ROOTS; i++) {
    const t = (i & 1) === 1 ? f(a1 + f(f(f(TARGET - s1) * f(a2 - a1)) / f(s2 - s1))) : f(0.5 * f(a1 + a2))
    const s = separationAt(t)
    if (Math.abs(f(s - TARGET)) < TOLERANCE) return t
    if (s > TARGET) {
      a1 = t
      s1 = s
    } else {
      a2 = t
      s2 = s
    }
  }
  return upper
}
