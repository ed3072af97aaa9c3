import type { EnvSpec } from '../../src/env/contract'
import { planarEnv } from '../planar/env'
import { planarModules } from '../planar/modules'
import { pictureModules, planarPicture } from '../planar/picture'
import { paper, STEADY_PRESET } from '../planar/preset'
import type { PlanarState } from '../planar/state'
import { halfCheetah as task } from './half_cheetah'
import wgsl from './half_cheetah.wgsl?raw'
import { LOOK } from './look'

const { model, params } = task

export const halfCheetah: EnvSpec<PlanarState> = planarEnv(task, {
  preset: STEADY_PRESET,
  published: paper(1800),
  // Contacts and limits are stiff springs: accelerations lose more than positions and velocities.
  tolerance: 1e-4,
  picture: planarPicture(model, LOOK),
  wgsl,
  wgslFile: 'envs/half_cheetah/half_cheetah.wgsl',
  modules: { ...planarModules(model, params), ...pictureModules(model, LOOK) },
})
