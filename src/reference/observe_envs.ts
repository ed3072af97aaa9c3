import { actionDim, type EnvSpec } from '../env/contract'
import { type Normaliser, normaliseObs } from './normaliser'
import { twinOf } from './replay_envs'
import type { EnvSlot } from './reset_envs'

/**
 * The observations of an agent's environments, raw or normalised: row `env` of `obs` [numEnvs][stride], from `offset`
 * on. The padding after each row is not written.
 */
export function observeEnvs<S>(
  spec: EnvSpec<S>,
  slots: EnvSlot<S>[],
  obs: Float64Array,
  offset: number,
  stride: number,
  normaliser: Normaliser | null = null,
): void {
  const twin = twinOf(spec)
  for (const [env, { state, params }] of slots.entries()) {
    twin.observe(state, obs, offset + env * stride, params)
    normaliseObs(normaliser, obs, offset + env * stride)
  }
}

/** Which choices the states allow, 0 or 1: row `env` of `masks` [numEnvs][actionDim], from `offset` on. */
export function maskEnvs<S>(spec: EnvSpec<S>, slots: EnvSlot<S>[], masks: Float64Array, offset: number): void {
  const twin = twinOf(spec)
  const width = actionDim(spec)
  for (const [env, { state, params }] of slots.entries()) twin.mask!(state, masks, offset + env * width, params)
}
