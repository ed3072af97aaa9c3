/**
 * A planar robot as the WGSL module `planar/robot`: its constants, and the numbers that the text of the physics is made of.
 * The modules beside this file are written once; `//#repeat` and `//#if` (src/gpu/repeat.ts) give each robot its own text,
 * in which every index is a number. `frames.ts` explains frames.
 */
import type { WgslModule } from '../../src/env/contract'
import type { EnvParam } from '../../src/env/params'
import type { Numbers } from '../../src/wgsl/numbers'
import { constantsOf } from './constants'
import { chain } from './frames'
import type { PlanarModel } from './model'
import { type Parts, partsOf } from './parts'
import { sparsity } from './sparsity'

/** `params`: of the task; those named gravity, friction and mass are factors of the physics. */
export function robotModule(model: PlanarModel, params: Readonly<Record<string, EnvParam>> = {}): WgslModule {
  const parts = partsOf(model)
  const file = `planar/robot (of ${model.name}, by envs/planar/robot.ts)`
  return { file, source: constantsOf(parts, params), numbers: numbersOf(parts) }
}

/** What the modules' `//#repeat` and `//#if` name. Single numbers are lists of one where a name is bound to them. */
function numbersOf({ model, frames, masses, touches, pairs, limits, sites, fluid }: Parts): Record<string, Numbers> {
  const { joints } = model
  return {
    NV: joints.length,
    NU: model.actuators.length,
    NUM_SITES: sites.length,
    ...sparsity(
      frames,
      pairs.map(({ a, b }) => [a.frame, b.frame]),
    ),
    PARENT: frames.map(({ parent }) => (parent < 0 ? [] : [parent])),
    HINGE: joints.map(({ kind }) => Number(kind === 'hinge')),
    SLIDE: joints.map(({ kind }) => Number(kind === 'slide')),
    TRAVEL: [...model.travel],
    TRAVELS: joints.map((_, j) => Number(model.travel.includes(j))),
    MASSIVE: joints.flatMap((_, j) => (masses[j][0] > 0 ? [j] : [])),
    SPRUNG: joints.flatMap(({ stiffness }, j) => (stiffness > 0 ? [j] : [])),
    LIMITED: limits,
    MOTOR_JOINT: model.actuators.map(({ joint }) => [joint]),
    FLOOR_FRAME: touches.map(({ frame }) => [frame]),
    PAIR_FIRST: pairs.map(({ a }) => [a.frame]),
    PAIR_SECOND: pairs.map(({ b }) => [b.frame]),
    SITE_FRAME: sites.map(({ frame }) => [frame]),
    SITE_TRAVEL: sites.map(({ frame }) => chain(frames, frame).filter((f) => model.travel.includes(f))),
    FLOOR_PLACES: touches.length,
    PAIR_PLACES: pairs.length,
    NUM_FLUID: fluid.length,
    FLUID_FRAME: fluid.map(({ frame }) => [frame]),
    KEEPS_FORCE: Number(model.keepsConstraintForce),
    RK4: Number(model.integrator === 'rk4'),
    EULER: Number(model.integrator === 'euler'),
  }
}
