import { actionDim, type EnvSpec, seenDim } from '../env/contract'
import { type Normaliser, normaliseObs } from './normaliser'
import { observeWords } from './observe_words'
import { seeState, twinOf } from './replay_envs'
import type { EnvSlot } from './reset_envs'

/**
 * The observations of an agent's environments, with their privileged entries, raw or normalised: row `env` of `obs` [numEnvs][stride], from `offset`
 * on. The padding after each row is not written. `frames`: stacked frames; the older ones are those that the rows
 * already have, or with `isFirst` all frames are this one.
 */
export function observeEnvs<S>(
  spec: EnvSpec<S>,
  slots: EnvSlot<S>[],
  obs: Float64Array,
  offset: number,
  stride: number,
  normaliser: Normaliser | null = null,
  frames = 1,
  isFirst = false,
): void {
  const frame = new Float64Array(seenDim(spec))
  for (const [env, { state, params }] of slots.entries()) {
    const at = offset + env * stride
    seeState(spec, state, frame, 0, params)
    observeWords(spec, frames, frame, obs, at, isFirst ? null : { obs, offset: at, moved: 0 })
    normaliseObs(normaliser, obs, at)
  }
}

/** Which choices the states allow, 0 or 1: row `env` of `masks` [numEnvs][actionDim], from `offset` on. */
export function maskEnvs<S>(spec: EnvSpec<S>, slots: EnvSlot<S>[], masks: Float64Array, offset: number): void {
  const twin = twinOf(spec)
  const width = actionDim(spec)
  for (const [env, { state, params }] of slots.entries()) twin.mask!(state, masks, offset + env * width, params)
}
