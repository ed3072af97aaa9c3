import type { ActionSpace, EnvSpec } from '../../envs/env'
import { envObserve } from './env_observe'
import { type EnvSlot, envReset } from './env_reset'
import { envTransition } from './env_transition'
import { type EpisodeAccumulators, recordEpisode } from './episode_stats'
import type { Floats } from './floats'

/** What one action caused. `terminated` and `truncated` are never merged, and both may be true. */
export interface StepOutcome {
  reward: number
  terminated: boolean
  /** The time limit was reached. */
  truncated: boolean
  /** The episode that ended in this step. */
  episode: { return: number; length: number } | null
}

/** The stored action as the environment sees it: an index, or a vector clipped to the box. NaN stays NaN. */
export function actionForEnv(space: ActionSpace, actions: Floats, offset: number): number[] {
  if (space.kind === 'discrete') return [actions[offset]]
  return space.low.map((low, j) => Math.min(space.high[j], Math.max(low, actions[offset + j])))
}

/**
 * One framework step of environment `env` at global step `step`: clip the action, step, apply the time limit, keep the
 * final observation, record the episode, reset in the same step. The action lies at `actions[actionOffset ..)`; where
 * the episode ends, its last observation goes to `finalObs[finalOffset ..)`. Updates `slots[env]` and `accumulators`.
 */
export function envStep<S>(
  spec: EnvSpec<S>,
  slots: EnvSlot<S>[],
  env: number,
  seed: number,
  step: number,
  actions: Floats,
  actionOffset: number,
  finalObs: Float64Array,
  finalOffset: number,
  accumulators: EpisodeAccumulators,
): StepOutcome {
  const slot = slots[env]
  const action = actionForEnv(spec.actionSpace, actions, actionOffset)
  const { reward, terminated } = envTransition(spec, slot.state, action, seed, step, env)
  slot.episodeReturn += reward
  slot.episodeLength++
  const truncated = slot.episodeLength >= spec.maxEpisodeSteps
  if (!terminated && !truncated) return { reward, terminated, truncated, episode: null }

  const episode = { return: slot.episodeReturn, length: slot.episodeLength }
  envObserve(spec, slot.state, finalObs, finalOffset)
  recordEpisode(accumulators, env, episode.return, episode.length)
  slots[env] = envReset(spec, seed, step + 1, env)
  return { reward, terminated, truncated, episode }
}
