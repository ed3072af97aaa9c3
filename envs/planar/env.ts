import type { EnvSpec } from '../../src/env/contract'
import { planarModules } from './modules'
import { type PlanarLook, pictureModules, planarPicture } from './picture'
import type { PlanarState } from './state'
import { type PlanarTask, planarTwin } from './task'

/** What an environment has beside its task. */
export type PlanarEnvOptions = Pick<
  EnvSpec<PlanarState>,
  'wgsl' | 'wgslFile' | 'modules' | 'preset' | 'picture' | 'tolerance' | 'published'
> & {
  /** How it is drawn: gives `picture`, and the module `planar/picture` for its WGSL. */
  look?: PlanarLook
}

/**
 * The environment that gives a planar robot a task: the actions are its motors'. Its WGSL imports `planar/task`, which brings
 * the physics: `advance`, `state_at`, `EnvState`.
 */
export function planarEnv(task: PlanarTask, { look, modules, ...rest }: PlanarEnvOptions): EnvSpec<PlanarState> {
  const { id, model, observations, maxEpisodeSteps, rewardThreshold, params } = task
  return {
    id,
    observations,
    actionSpace: {
      kind: 'box',
      low: model.actuators.map(({ range: [low] }) => low),
      high: model.actuators.map(({ range: [, high] }) => high),
    },
    actions: model.actuators.map(({ name }) => name),
    maxEpisodeSteps,
    rewardThreshold,
    params,
    twin: planarTwin(task),
    ...(look && { picture: planarPicture(model, look) }),
    modules: { ...planarModules(model, params), ...(look && pictureModules(model, look)), ...modules },
    ...rest,
  }
}
