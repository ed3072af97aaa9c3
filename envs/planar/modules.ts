/** The WGSL of a planar robot: its own constants and the physics that all share. */
import type { EnvSpec, WgslModule } from '../../src/env/contract'
import capsules from './capsules.wgsl?raw'
import constraint from './constraint.wgsl?raw'
import factor from './factor.wgsl?raw'
import forces from './forces.wgsl?raw'
import forward from './forward.wgsl?raw'
import frames from './frames.wgsl?raw'
import inertia from './inertia.wgsl?raw'
import euler from './integrate_euler.wgsl?raw'
import rk4 from './integrate_rk4.wgsl?raw'
import type { PlanarModel } from './model'
import newton from './newton.wgsl?raw'
import { robotModule } from './robot'
import rows from './rows.wgsl?raw'
import solver from './solver.wgsl?raw'
import state from './state.wgsl?raw'
import task from './task.wgsl?raw'
import vectors from './vectors.wgsl?raw'

const physics = {
  vectors,
  frames,
  inertia,
  factor,
  forces,
  constraint,
  capsules,
  rows,
  newton,
  solver,
  forward,
  state,
  task,
}

/**
 * The modules `planar/...` of an environment's spec. The task's own WGSL imports `planar/integrate`: its `advance` moves the
 * state by one step. `version`: the constant VERSION, 4 or 5 as in Gymnasium's ids. `params` of the spec named `gravity`, `friction` and `mass` multiply what they are named after.
 */
export function planarModules(
  model: PlanarModel,
  params: EnvSpec['params'] = {},
  version: 4 | 5 = 5,
): Record<string, WgslModule> {
  const file = (name: string): string => `envs/planar/${name}.wgsl`
  const integrate = { file: file(`integrate_${model.integrator}`), source: model.integrator === 'rk4' ? rk4 : euler }
  return {
    'planar/robot': robotModule(model, params),
    ...Object.fromEntries(
      Object.entries(physics).map(([name, source]) => [`planar/${name}`, { file: file(name), source }]),
    ),
    'planar/version': { file: 'planar/version (from envs/planar/modules.ts)', source: `const VERSION = ${version}u;` },
    'planar/integrate': integrate,
  }
}
