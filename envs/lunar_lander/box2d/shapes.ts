/** The three bodies of LunarLander: lander, leg 0 (on the right, i = -1), leg 1 (on the left, i = +1). */
import { clockwise, f, normalise, sub, type Vec2 } from './math'

/** The constants of a body. Numbers are Box2D's own, from the densities 5 and 1. */
export interface Shape {
  /** Counter-clockwise, in the order of Box2D's hull. */
  vertices: Vec2[]
  /** `normals[i]` stands on the edge from vertex i to i + 1. */
  normals: Vec2[]
  /** Centre of mass in the body. */
  centre: Vec2
  invMass: number
  /** 1 / moment of inertia about the centre of mass. */
  invInertia: number
}

const SCALE = 30

const polygon = (points: [number, number][]): Pick<Shape, 'vertices' | 'normals'> => {
  const vertices = points.map(([x, y]): Vec2 => [f(x / SCALE), f(y / SCALE)])
  const next = (i: number): Vec2 => vertices[(i + 1) % vertices.length]
  return { vertices, normals: vertices.map((v, i) => normalise(clockwise(sub(next(i), v)))) }
}

const LANDER: Shape = {
  ...polygon([
    [17, -10],
    [17, 0],
    [14, 17],
    [-14, 17],
    [-17, 0],
    [-17, -10],
  ]),
  centre: [0, f(0.10130719095468521)],
  invMass: f(0.20761245489120483),
  invInertia: f(1.275704264640808),
}

const LEG: Shape = {
  vertices: [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map(([x, y]): Vec2 => [x * f(2 / SCALE), y * f(8 / SCALE)]),
  normals: [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ],
  centre: [0, 0],
  invMass: f(14.062498092651367),
  invInertia: f(558.3638305664062),
}

export const NUM_BODIES = 3
export const LANDER_BODY = 0
/** By body. */
export const SHAPES: readonly Shape[] = [LANDER, LEG, LEG]

const mix = (a: number, b: number): number => f(Math.sqrt(f(f(a) * f(b))))
/** Friction between a body and edge `edge` of the moon, whose floor (edge 0) is rougher than its hills. */
export const friction = (body: number, edge: number): number =>
  mix(edge === 0 ? 0.2 : 0.1, body === LANDER_BODY ? 0.1 : 0.2)
