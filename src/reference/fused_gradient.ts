import { normalisation } from './advantage_stats'
import { type Batch, makeWorkspace } from './minibatch'
import type { PartialGradient } from './reduce'
import { backwardMinibatch, forwardMinibatch, type Learner, type UpdateHyper } from './update'

/**
 * The contribution of rows [first, end) to a minibatch's gradient and to the sums of its losses. `indices` are the
 * samples of the whole minibatch: the advantages are normalised over all of them, and the gradient is that of a mean
 * over all of them.
 */
export function fusedGradient(
  learner: Learner,
  batch: Batch,
  indices: ArrayLike<number>,
  first: number,
  end: number,
  hyper: UpdateHyper,
): PartialGradient {
  const rows = Array.from(indices).slice(first, end)
  const { mean, invStd } = normalisation(batch.advantages, indices, hyper)
  const normalised = { ...batch, advantages: batch.advantages.map((a) => (a - mean) * invStd) }
  const work = makeWorkspace(learner.layout, rows.length, batch.oldOut !== null)
  const means = forwardMinibatch(learner, normalised, rows, { ...hyper, normAdv: false }, work)
  backwardMinibatch(learner, rows.length, work)
  const share = rows.length / indices.length // both were computed as if these rows were the whole minibatch
  return {
    gradient: work.gradient.map((g) => g * share),
    losses: {
      pgLoss: means.pgLoss * rows.length,
      vLoss: means.vLoss * rows.length,
      entropy: means.entropy * rows.length,
      approxKl: means.approxKl * rows.length,
      oldApproxKl: means.oldApproxKl * rows.length,
      clipfrac: means.clipfrac * rows.length,
      kl: means.kl * rows.length,
      situations: means.situations,
    },
  }
}
