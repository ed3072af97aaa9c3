import type { EnvSpec } from '../../src/env/contract'
import { planarEnv } from '../planar/env'
import { planarModules } from '../planar/modules'
import { pictureModules, planarPicture } from '../planar/picture'
import { PLANAR_PRESET, paper } from '../planar/preset'
import type { PlanarState } from '../planar/state'
import { LOOK } from './look'
import { reacher } from './reacher'
import wgsl from './reacher.wgsl?raw'

function spec(version: 4 | 5): EnvSpec<PlanarState> {
  const task = reacher(version)
  const { model, params } = task
  return planarEnv(task, {
    preset: PLANAR_PRESET,
    published: paper(-7),
    // Contacts and limits are stiff springs: accelerations lose more than positions and velocities.
    tolerance: 1e-5,
    picture: planarPicture(model, LOOK),
    wgsl,
    wgslFile: 'envs/reacher/reacher.wgsl',
    modules: { ...planarModules(model, params, version), ...pictureModules(model, LOOK) },
  })
}

export const reacherV5 = spec(5)
export const reacherV4 = spec(4)
