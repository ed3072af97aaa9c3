import type { EnvSpec } from '../../src/env/contract'
import { planarEnv } from '../planar/env'
import { planarModules } from '../planar/modules'
import { pictureModules, planarPicture } from '../planar/picture'
import { paper, SWIMMER_PRESET } from '../planar/preset'
import type { PlanarState } from '../planar/state'
import { LOOK } from './look'
import { swimmer as task } from './swimmer'
import wgsl from './swimmer.wgsl?raw'

const { model, params } = task

export const swimmer: EnvSpec<PlanarState> = planarEnv(task, {
  preset: SWIMMER_PRESET,
  published: paper(108),
  // Contacts and limits are stiff springs: accelerations lose more than positions and velocities.
  tolerance: 1e-5,
  picture: planarPicture(model, LOOK),
  wgsl,
  wgslFile: 'envs/swimmer/swimmer.wgsl',
  modules: { ...planarModules(model, params), ...pictureModules(model, LOOK) },
})
