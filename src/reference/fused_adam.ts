import { type AdamHyper, type AdamState, adam, projectLogStd } from './adam'
import type { Floats } from './floats'
import { normOf } from './grad_norm'

/** Where the log standard deviations lie in the parameters; `logStd` is -1 where there are none. */
export interface LogStdPlace {
  logStd: number
  actionDim: number
}

/**
 * One optimiser step from the sums of squares of the gradient's blocks: their norm, clipping, Adam, the projection of the
 * log standard deviations. Returns the norm, before clipping; one that is not finite changes nothing. `finite`: whether
 * all of the step was taken, as in `adam`.
 */
export function fusedAdam(
  params: Floats,
  gradient: Floats,
  squares: Floats,
  state: AdamState,
  hyper: AdamHyper,
  { logStd, actionDim }: LogStdPlace,
): { norm: number; finite: boolean } {
  let sum = 0
  for (const square of squares) sum += square
  const norm = normOf(sum)
  if (!Number.isFinite(norm)) return { norm, finite: true }
  const finite = adam(params, gradient, norm, state, hyper)
  projectLogStd(params, logStd, actionDim)
  return { norm, finite }
}
