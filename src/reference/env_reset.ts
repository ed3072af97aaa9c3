import type { EnvSpec } from '../../envs/env'
import { twinOf } from './env_transition'
import { makeRng, STREAM } from './rng'

/** One environment of one agent: its state, and the episode that it is in. */
export interface EnvSlot<S> {
  state: S
  /** Sum of raw rewards since the reset. */
  episodeReturn: number
  /** Steps since the reset. */
  episodeLength: number
}

/**
 * A new episode of environment `env`. `step` is the env's global step of the first observation: 0 at the start of the
 * run, g + 1 after the step g that ended an episode.
 */
export function envReset<S>(spec: EnvSpec<S>, seed: number, step: number, env: number): EnvSlot<S> {
  const state = twinOf(spec).reset(makeRng(seed, step, STREAM.ENV_RESET, env))
  return { state, episodeReturn: 0, episodeLength: 0 }
}
