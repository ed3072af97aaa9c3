import type { EnvSpec } from '../../src/env/contract'
import type { PlanarState } from './state'
import { type PlanarTask, planarTwin } from './task'

/** What an environment has beside its task. */
type Rest = Pick<
  EnvSpec<PlanarState>,
  'wgsl' | 'wgslFile' | 'modules' | 'preset' | 'picture' | 'tolerance' | 'published'
>

/** The environment that gives a planar robot a task: the actions are its motors'. */
export function planarEnv(task: PlanarTask, rest: Rest): EnvSpec<PlanarState> {
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
    ...rest,
  }
}
