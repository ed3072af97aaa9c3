/** Observations and rewards normalised by running statistics, which are constant inside a rollout. One agent. */

import type { Floats } from '../model/floats'
import { firstRunning, type NormaliserStats, type Normalising, normalised, scaledReward } from '../model/normaliser'

export interface Normaliser {
  stats: NormaliserStats
  gamma: number
  seenDim: number
  /** Discounted sum of the raw rewards of each environment's running episode, [numEnvs]. */
  returns: Float64Array
  /** Data since the last update: raw observations [step][seenDim], and `returns` after each step. */
  seenObs: number[]
  seenReturns: number[]
}

/** At the start of a run. Null without normalisation. */
export function makeNormaliser(
  { normObs, normReward, gamma }: Normalising & { gamma: number },
  seenDim: number,
  numEnvs: number,
): Normaliser | null {
  if (!normObs && !normReward) return null
  const stats = { obs: normObs ? firstRunning(seenDim) : null, returns: normReward ? firstRunning(1) : null }
  return { stats, gamma, seenDim, returns: new Float64Array(numEnvs), seenObs: [], seenReturns: [] }
}

/** The observation at `obs[offset ..)` as the policy sees it, in place. */
export function normaliseObs(normaliser: Normaliser | null, obs: Floats, offset: number): void {
  const running = normaliser?.stats.obs
  if (!running) return
  for (let i = 0; i < normaliser.seenDim; i++) obs[offset + i] = normalised(obs[offset + i], running, i)
}

/**
 * Counts one step of environment `env`: the raw observation `obs` before the action, and the discounted return G =
 * gamma G + r, which is reset after `done`. Returns the reward that the agent learns from.
 */
export function countStep(normaliser: Normaliser, obs: Floats, reward: number, done: boolean, env: number): number {
  const { stats, returns, seenObs, seenReturns, gamma, seenDim } = normaliser
  for (let i = 0; i < seenDim && stats.obs; i++) seenObs.push(obs[i])
  returns[env] = gamma * returns[env] + reward
  seenReturns.push(returns[env])
  if (done) returns[env] = 0
  return stats.returns ? scaledReward(reward, stats.returns) : reward
}
