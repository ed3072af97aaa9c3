import type { EnvSpec } from '../../src/env/contract'
import { planarEnv } from '../planar/env'
import { planarModules } from '../planar/modules'
import { pictureModules, planarPicture } from '../planar/picture'
import { PLANAR_PRESET, paper } from '../planar/preset'
import type { PlanarState } from '../planar/state'
import { invertedPendulum } from './inverted_pendulum'
import wgsl from './inverted_pendulum.wgsl?raw'
import { LOOK } from './look'

function spec(version: 4 | 5): EnvSpec<PlanarState> {
  const task = invertedPendulum(version)
  const { model, params } = task
  return planarEnv(task, {
    preset: PLANAR_PRESET,
    published: paper(1000),
    // Contacts and limits are stiff springs: accelerations lose more than positions and velocities.
    tolerance: 1e-5,
    picture: planarPicture(model, LOOK),
    wgsl,
    wgslFile: 'envs/inverted_pendulum/inverted_pendulum.wgsl',
    modules: { ...planarModules(model, params, version), ...pictureModules(model, LOOK) },
  })
}

export const invertedPendulumV5 = spec(5)
export const invertedPendulumV4 = spec(4)
