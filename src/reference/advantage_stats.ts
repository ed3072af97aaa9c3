import type { Floats } from '../model/floats'

/** Keeps the division finite when all advantages are equal (CleanRL's constant). */
export const ADVANTAGE_EPS = 1e-8

/** Normalised advantage = (A - mean) * invStd. */
export interface AdvantageStats {
  mean: number
  /** 1 / (std + 1e-8), std with n - 1 as torch's. */
  invStd: number
}

/** Leaves the advantages unchanged: normAdv false. */
export const UNNORMALISED: AdvantageStats = { mean: 0, invStd: 1 }

export interface NormaliseAdvantages {
  normAdv: boolean
  normAdvOver: 'minibatch' | 'batch'
}

/** The statistics that normalise the advantages of the minibatch `indices` of a batch. */
export function normalisation(
  advantages: Floats,
  indices: ArrayLike<number>,
  { normAdv, normAdvOver }: NormaliseAdvantages,
): AdvantageStats {
  if (!normAdv) return UNNORMALISED
  return advantageStats(
    advantages,
    normAdvOver === 'minibatch' ? indices : Array.from({ length: advantages.length }, (_, i) => i),
  )
}

/**
 * Mean and standard deviation of one minibatch's advantages. `advantages` [batchSize], `indices` the minibatch's
 * samples (at least 2). Two passes, like the definition.
 */
export function advantageStats(advantages: Floats, indices: ArrayLike<number>): AdvantageStats {
  const n = indices.length
  let sum = 0
  for (let i = 0; i < n; i++) sum += advantages[indices[i]]
  const mean = sum / n
  let squares = 0
  for (let i = 0; i < n; i++) squares += (advantages[indices[i]] - mean) ** 2
  const std = Math.sqrt(squares / (n - 1))
  return { mean, invStd: 1 / (std + ADVANTAGE_EPS) }
}
