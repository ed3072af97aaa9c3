import type { EnvSpec } from '../env/contract'
import type { NetworkLayout } from '../model/network'
import { type GaeInputs, gae } from './gae'
import type { Normaliser } from './normaliser'
import { collectRollout, type Rollout } from './rollout'

export type FusedRolloutHyper = Pick<GaeInputs, 'gamma' | 'gaeLambda' | 'bootstrapTruncated'>

/**
 * A whole rollout with its advantages: fills `rollout` under fixed `params`, then `advantages` and `returns`, both
 * [numSteps][numEnvs]. `iteration` counts from 0. Environments do not affect each other, so it may be computed by
 * ranges of environments, and by consecutive ranges of steps.
 */
export function fusedRollout<S>(
  spec: EnvSpec<S>,
  layout: NetworkLayout,
  params: Float64Array,
  seed: number,
  iteration: number,
  hyper: FusedRolloutHyper,
  rollout: Rollout<S>,
  advantages: Float64Array,
  returns: Float64Array,
  normaliser: Normaliser | null = null,
): void {
  collectRollout(spec, layout, params, seed, iteration, rollout, normaliser)
  gae({ ...hyper, ...rollout }, advantages, returns)
}
