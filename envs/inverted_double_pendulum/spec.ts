import type { EnvSpec } from '../../src/env/contract'
import { planarEnv } from '../planar/env'
import { planarModules } from '../planar/modules'
import { pictureModules, planarPicture } from '../planar/picture'
import { paper, STEADY_PRESET } from '../planar/preset'
import type { PlanarState } from '../planar/state'
import { invertedDoublePendulum } from './inverted_double_pendulum'
import wgsl from './inverted_double_pendulum.wgsl?raw'
import { LOOK } from './look'

function spec(version: 4 | 5): EnvSpec<PlanarState> {
  const task = invertedDoublePendulum(version)
  const { model, params } = task
  return planarEnv(task, {
    preset: STEADY_PRESET,
    published: paper(8000),
    // Contacts and limits are stiff springs: accelerations lose more than positions and velocities.
    tolerance: 1e-5,
    picture: planarPicture(model, LOOK),
    wgsl,
    wgslFile: 'envs/inverted_double_pendulum/inverted_double_pendulum.wgsl',
    modules: { ...planarModules(model, params, version), ...pictureModules(model, LOOK) },
  })
}

export const invertedDoublePendulumV5 = spec(5)
export const invertedDoublePendulumV4 = spec(4)
