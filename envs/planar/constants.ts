/** The constants of a planar robot as WGSL. */
import type { EnvParam } from '../../src/env/params'
import type { PlanarModel, Surface, Vec2 } from './model'
import type { Parts } from './parts'

type Row = number | readonly number[]

/** `const NAME = array(...)`. WGSL has no empty arrays: where nothing reads it, it has one zero. */
function list(name: string, width: number, rows: readonly Row[]): string {
  const type = width === 1 ? 'f32' : `vec${width}f`
  const text = (row: Row): string => (typeof row === 'number' ? `f32(${row})` : `${type}(${row.join(', ')})`)
  const all = rows.length > 0 ? rows.map(text) : [`${type}()`]
  return `const ${name} = array<${type}, ${all.length}>(${all.join(', ')});`
}

/** Range of MuJoCo's impedance. */
const IMPEDANCE = { least: 1e-4, most: 0.9999 }

/** Springs of constraints, as `spring_of` in springs.wgsl takes them. */
function springs(
  name: string,
  { timestep }: PlanarModel,
  surfaces: readonly Pick<Surface, 'solref' | 'solimp' | 'margin'>[],
) {
  const clip = (d: number): number => Math.min(Math.max(d, IMPEDANCE.least), IMPEDANCE.most)
  const rows = surfaces.map(({ solref: [given, ratio], solimp: [low, high, width, midpoint, power], margin }) => {
    if (power !== 2) throw new Error(`planar robot: a solimp has power ${power}; the kernel knows only 2. Use 2.`)
    const [dmin, dmax] = [clip(low), clip(high)]
    const time = Math.max(given, 2 * timestep)
    return {
      impedance: [dmin, dmax - dmin, width, midpoint],
      spring: [1 / (dmax * time * ratio) ** 2, 2 / (dmax * time), margin],
    }
  })
  return [
    list(
      `${name}_IMPEDANCE`,
      4,
      rows.map(({ impedance }) => impedance),
    ),
    list(
      `${name}_SPRING`,
      3,
      rows.map(({ spring }) => spring),
    ),
  ]
}

/** The factor `name`: a parameter of the task where it has one. */
const factor = (name: string, params: Readonly<Record<string, EnvParam>>): string =>
  `fn ${name}_factor() -> f32 { return ${name in params ? `params.${name}` : '1.0'}; }`

const middle = ([p, q]: readonly Vec2[]): Vec2 => [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2]
const half = ([p, q]: readonly Vec2[]): Vec2 => [(q[0] - p[0]) / 2, (q[1] - p[1]) / 2]
const friction = ({ condim, friction }: Surface): number => (condim === 1 ? 0 : friction)

/** @throws Error for an impedance that is not of power 2. */
export function constantsOf(parts: Parts, params: Readonly<Record<string, EnvParam>>): string {
  const { model, frames, masses, touches, pairs, sites, fluid } = parts
  const { joints, floor } = model
  return [
    '//#import "params"',
    `const NV = ${joints.length}u;`,
    `const NU = ${model.actuators.length}u;`,
    `const NUM_SITES = ${sites.length}u;`,
    `const FRAME_SKIP = ${model.frameSkip}u;`,
    // Lengths of arrays, which are at least 1.
    `const NUM_FLOOR = ${Math.max(touches.length, 1)}u;`,
    `const NUM_PAIRS = ${Math.max(pairs.length, 1)}u;`,
    `const TIMESTEP = f32(${model.timestep});`,
    `const GRAVITY = vec2f(${model.gravity.join(', ')});`,
    `const FLOOR_HEIGHT = f32(${floor?.height ?? 0});`,
    list(
      'OFFSET',
      2,
      frames.map(({ offset }) => offset),
    ),
    list(
      'AXIS',
      2,
      joints.map((joint) => (joint.kind === 'slide' ? joint.axis : [0, 0])),
    ),
    list(
      'SENSE',
      1,
      joints.map((joint) => (joint.kind === 'hinge' ? joint.sense : 0)),
    ),
    list(
      'REF',
      1,
      joints.map(({ ref }) => ref),
    ),
    list(
      'FRAME_MASS',
      1,
      masses.map(([mass]) => mass),
    ),
    list(
      'FRAME_MOMENT',
      2,
      masses.map(([, x, y]) => [x, y]),
    ),
    list(
      'FRAME_INERTIA',
      1,
      masses.map(([, , , inertia]) => inertia),
    ),
    list(
      'ARMATURE',
      1,
      joints.map(({ armature }) => armature),
    ),
    list(
      'DAMPING',
      1,
      joints.map(({ damping }) => damping),
    ),
    list(
      'STIFFNESS',
      1,
      joints.map(({ stiffness }) => stiffness),
    ),
    list(
      'SPRING_REF',
      1,
      joints.map(({ springRef }) => springRef),
    ),
    list(
      'GEAR',
      1,
      model.actuators.map(({ gear }) => gear),
    ),
    list(
      'CONTROL_RANGE',
      2,
      model.actuators.map(({ range }) => range),
    ),
    list(
      'LIMIT_RANGE',
      2,
      joints.map(({ range }) => range ?? [0, 0]),
    ),
    list(
      'LIMIT_INVWEIGHT',
      1,
      joints.map(({ invweight }) => invweight),
    ),
    ...springs('LIMIT', model, joints),
    list(
      'FLOOR_END',
      2,
      touches.map(({ end }) => end),
    ),
    list(
      'FLOOR_RADIUS',
      1,
      touches.map(({ radius }) => radius),
    ),
    list('FLOOR_FRICTION', 1, touches.map(friction)),
    list(
      'FLOOR_INVWEIGHT',
      1,
      touches.map(({ invweight }) => invweight),
    ),
    ...springs('FLOOR', model, touches),
    list(
      'PAIR_MIDDLES',
      4,
      pairs.map(({ a, b }) => [...middle(a.ends), ...middle(b.ends)]),
    ),
    list(
      'PAIR_HALVES',
      4,
      pairs.map(({ a, b }) => [...half(a.ends), ...half(b.ends)]),
    ),
    list(
      'PAIR_RADII',
      2,
      pairs.map(({ a, b }) => [a.radius, b.radius]),
    ),
    list('PAIR_FRICTION', 1, pairs.map(friction)),
    list(
      'PAIR_INVWEIGHT',
      1,
      pairs.map(({ a, b }) => a.invweight + b.invweight),
    ),
    ...springs('PAIR', model, pairs),
    list(
      'SITE_AT',
      2,
      sites.map(({ at }) => at),
    ),
    list(
      'FLUID_AT',
      2,
      fluid.map(({ at }) => at),
    ),
    list(
      'FLUID_AXIS',
      2,
      fluid.map(({ axis }) => axis),
    ),
    list(
      'FLUID_VISCOUS',
      2,
      fluid.map(({ viscous }) => viscous),
    ),
    list(
      'FLUID_DRAG',
      3,
      fluid.map(({ drag }) => drag),
    ),
    factor('gravity', params),
    factor('friction', params),
    factor('mass', params),
  ].join('\n')
}
