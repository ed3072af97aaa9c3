import type { EnvSpec } from '../../src/env/contract'
import { planarEnv } from '../planar/env'
import { planarModules } from '../planar/modules'
import { pictureModules, planarPicture } from '../planar/picture'
import { PLANAR_PRESET, paper } from '../planar/preset'
import type { PlanarState } from '../planar/state'
import { hopper } from './hopper'
import wgsl from './hopper.wgsl?raw'
import { LOOK } from './look'

function spec(version: 4 | 5): EnvSpec<PlanarState> {
  const task = hopper(version)
  const { model, params } = task
  return planarEnv(task, {
    preset: PLANAR_PRESET,
    published: paper(2330),
    // Contacts and limits are stiff springs: accelerations lose more than positions and velocities.
    tolerance: 1e-4,
    picture: planarPicture(model, LOOK),
    wgsl,
    wgslFile: 'envs/hopper/hopper.wgsl',
    modules: { ...planarModules(model, params, version), ...pictureModules(model, LOOK) },
  })
}

export const hopperV5 = spec(5)
export const hopperV4 = spec(4)
