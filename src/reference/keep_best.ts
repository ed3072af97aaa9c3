/** The best policy of an agent so far, by the mean return of its evaluations. */
import type { NormaliserStats } from '../model/normaliser'
import type { Best } from './begin_evaluation'

export interface BestPolicy extends Best {
  /** A copy, padded; null before the first evaluation. */
  params: Float64Array | null
  normaliser: NormaliserStats | null
}

export const noBest = (): BestPolicy => ({
  evaluatedAt: 0,
  iteration: 0,
  returnMean: 0,
  params: null,
  normaliser: null,
})

/** Keeps the policy of `iteration` in `best` if its mean is above that of every earlier one. */
export function keepBest(
  best: BestPolicy,
  iteration: number,
  returnMean: number,
  params: Float64Array,
  normaliser: NormaliserStats | null,
): void {
  best.evaluatedAt = iteration
  if (best.iteration > 0 && !(returnMean > best.returnMean)) return
  Object.assign(best, { iteration, returnMean, params: params.slice(), normaliser: structuredClone(normaliser) })
}
