/** Vectors and poses in float32, as Box2D computes them: every operation is rounded once, in the order of b2Math.h. */
import { cosf, sinf } from './sincosf'

/** Rounds to float32. A sum, product, quotient or root of float32 numbers, computed in float64, is so rounded once. */
export const f = Math.fround

export type Vec2 = [number, number]

/** Where a body's origin is, and the sine and cosine of its angle. */
export interface Pose {
  p: Vec2
  s: number
  c: number
}

export const add = (a: Vec2, b: Vec2): Vec2 => [f(a[0] + b[0]), f(a[1] + b[1])]
export const sub = (a: Vec2, b: Vec2): Vec2 => [f(a[0] - b[0]), f(a[1] - b[1])]
export const scale = (k: number, a: Vec2): Vec2 => [f(k * a[0]), f(k * a[1])]
export const negate = (a: Vec2): Vec2 => [-a[0], -a[1]]
export const dot = (a: Vec2, b: Vec2): number => f(f(a[0] * b[0]) + f(a[1] * b[1]))
export const cross = (a: Vec2, b: Vec2): number => f(f(a[0] * b[1]) - f(a[1] * b[0]))
/** A quarter turn clockwise: the tangent of a normal. */
export const clockwise = (a: Vec2): Vec2 => [a[1], -a[0]]
export const length = (a: Vec2): number => f(Math.sqrt(dot(a, a)))

/** The unit vector along `a`; `a` itself where it is too short. */
export function normalise(a: Vec2): Vec2 {
  const size = length(a)
  return size < EPSILON ? a : scale(f(1 / size), a)
}

/** Box2D's clamp: the lower bound wins. */
export const clamp = (x: number, low: number, high: number): number => {
  const below = Math.min(x, high)
  return Math.max(low, below)
}

export const EPSILON = 2 ** -23

/** `v` turned by the pose's angle. */
export const turn = (pose: Pose, v: Vec2): Vec2 => [
  f(f(pose.c * v[0]) - f(pose.s * v[1])),
  f(f(pose.s * v[0]) + f(pose.c * v[1])),
]

/** `v` turned back by the pose's angle. */
export const turnBack = (pose: Pose, v: Vec2): Vec2 => [
  f(f(pose.c * v[0]) + f(pose.s * v[1])),
  f(f(-pose.s * v[0]) + f(pose.c * v[1])),
]

/** The point `v` of the body, in the world. */
export const place = (pose: Pose, v: Vec2): Vec2 => add(turn(pose, v), pose.p)

/** The pose of a body whose centre of mass, `localCentre` in the body, is at `centre`. */
export function poseAt(centre: Vec2, angle: number, localCentre: Vec2): Pose {
  const pose: Pose = { p: [0, 0], s: sinf(angle), c: cosf(angle) }
  pose.p = sub(centre, turn(pose, localCentre))
  return pose
}
