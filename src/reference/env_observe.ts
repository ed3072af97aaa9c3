import type { EnvSpec } from '../../envs/env'
import { twinOf } from './env_transition'

/**
 * Writes the observation of one environment's state to `obs[offset .. offset + obsDim)`, in the environment's own units.
 * The padding behind it is left as it is.
 */
export function envObserve<S>(spec: EnvSpec<S>, state: S, obs: Float64Array, offset: number): void {
  twinOf(spec).observe(state, obs, offset)
}
