import { type EnvSpec, type EnvTwin, endCode, obsDim, seenDim } from '../env/contract'
import { episodeParams, type ParamValues } from '../env/params'
import { makeRng, STREAM } from '../env/rng'
import type { ParamSettings } from '../options/params'

/** The environment's CPU twin. @throws if it has none. */
export function twinOf<S>(spec: EnvSpec<S>): EnvTwin<S> {
  if (!spec.twin)
    throw new Error(`${spec.id}: the environment has no CPU twin. Give its spec a \`twin\` to run it on the CPU.`)
  return spec.twin
}

/** Writes what the networks see of `state`, one frame, to `out[offset .. offset + seenDim)`: privileged entries come last. */
export function seeState<S>(spec: EnvSpec<S>, state: S, out: Float64Array, offset: number, params?: ParamValues): void {
  const twin = twinOf(spec)
  twin.observe(state, out, offset, params)
  if (spec.privileged) twin.privileged!(state, out, offset + obsDim(spec), params)
}

export interface ReplayedTransitions {
  /** [states.length] */
  rewards: Float64Array
  /** [states.length], 0 or 1 */
  terminated: Uint8Array
  /** [states.length][seenDim], without padding */
  nextObs: Float64Array
  /** [states.length]: random numbers that each step drew. */
  draws: Uint32Array
}

/**
 * One step from each of the given states, in place, with the given actions: no clipping, no time limit, no reset.
 * Recorded transitions are thus replayed one by one, and an error in one does not affect the next. Transition i draws
 * as environment i at global step 0; its parameters are those of that environment's first episode.
 */
export function replayEnvs<S>(
  spec: EnvSpec<S>,
  states: S[],
  actions: ArrayLike<number>[],
  seed: number,
  settings: ParamSettings = {},
): ReplayedTransitions {
  const twin = twinOf(spec)
  const width = seenDim(spec)
  const rewards = new Float64Array(states.length)
  const terminated = new Uint8Array(states.length)
  const nextObs = new Float64Array(states.length * width)
  const draws = new Uint32Array(states.length)
  states.forEach((state, i) => {
    const rng = makeRng(seed, 0, STREAM.ENV_STEP, i)
    const params = episodeParams(spec, settings, seed, 0, i)
    const result = twin.step(state, actions[i], rng, params)
    draws[i] = rng.draw
    rewards[i] = result.reward
    terminated[i] = endCode(result)
    seeState(spec, state, nextObs, i * width, params)
  })
  return { rewards, terminated, nextObs, draws }
}
