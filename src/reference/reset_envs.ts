import { type EnvSpec, stepLimit } from '../env/contract'
import { episodeParams, type ParamValues } from '../env/params'
import { makeRng, nextBlock, STREAM } from '../env/rng'
import type { ParamSettings } from '../options/params'
import { type EpisodeRecord, newEpisodeRecord } from './episode_stats'
import { twinOf } from './replay_envs'

/** One environment of one agent: its state, the running episode, and the episodes that ended in this iteration. */
export interface EnvSlot<S> {
  state: S
  episode: EpisodeRecord
  /** The parameters of the running episode. */
  params: ParamValues
  /** A step gave a non-finite value; the environment does no more steps. */
  standsStill?: boolean
}

/**
 * The parameters and the initial state of an episode of environment `env`. `step` is the env's global step of the first
 * observation: 0 at the start of the run, g + 1 after the step g that ended an episode, whose last state is `previous`.
 */
export function resetEnv<S>(
  spec: EnvSpec<S>,
  seed: number,
  step: number,
  env: number,
  settings: ParamSettings = {},
  previous?: S,
): Pick<EnvSlot<S>, 'state' | 'params'> {
  const params = episodeParams(spec, settings, seed, step, env)
  return { params, state: twinOf(spec).reset(makeRng(seed, step, STREAM.ENV_RESET, env), params, previous) }
}

/**
 * All environments of an agent at the start of a run, with empty episode records. With `stagger` each first episode
 * begins as if a random part of its time limit had passed (rsl_rl).
 */
export function resetEnvs<S>(
  spec: EnvSpec<S>,
  seed: number,
  numEnvs: number,
  stagger = false,
  settings: ParamSettings = {},
): EnvSlot<S>[] {
  const skipped = (env: number): number =>
    stagger ? nextBlock(makeRng(seed, 0, STREAM.STAGGER, env))[0] % stepLimit(spec) : 0
  return Array.from({ length: numEnvs }, (_, env) => ({
    ...resetEnv(spec, seed, 0, env, settings),
    episode: { ...newEpisodeRecord(), stepsSkipped: skipped(env) },
  }))
}
