import type { EnvSpec } from '../../src/env/contract'
import { planarEnv } from '../planar/env'
import { planarModules } from '../planar/modules'
import { pictureModules, planarPicture } from '../planar/picture'
import { PLANAR_PRESET, paper } from '../planar/preset'
import type { PlanarState } from '../planar/state'
import { LOOK } from './look'
import { walker2d } from './walker2d'
import wgsl from './walker2d.wgsl?raw'

function spec(version: 4 | 5): EnvSpec<PlanarState> {
  const task = walker2d(version)
  const { model, params } = task
  return planarEnv(task, {
    preset: PLANAR_PRESET,
    published: paper(3460),
    // Contacts and limits are stiff springs: accelerations lose more than positions and velocities.
    tolerance: 1e-4,
    picture: planarPicture(model, LOOK),
    wgsl,
    wgslFile: 'envs/walker2d/walker2d.wgsl',
    modules: { ...planarModules(model, params, version), ...pictureModules(model, LOOK) },
  })
}

export const walker2dV5 = spec(5)
export const walker2dV4 = spec(4)
