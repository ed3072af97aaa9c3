import type { PartialGradient } from './fused_gradient'
import { type MinibatchStats, type Situations, stopsEarly } from './loss_stats'
import type { LossHyper } from './ppo_loss'

export interface Reduced {
  /** [paramStride] */
  gradient: Float64Array
  /** Sum of squares of each `block` numbers of the gradient. */
  squares: Float64Array
  /** Means over the minibatch. */
  stats: MinibatchStats
  /** Whether this minibatch trips the early stop; if so its gradient is not used. */
  stopped: boolean
}

/** Sums the partials of a minibatch of `rows` samples, in order, and makes its statistics. */
export function fusedReduce(
  partials: readonly PartialGradient[],
  rows: number,
  block: number,
  hyper: Pick<LossHyper, 'algorithm' | 'entCoef' | 'vfCoef' | 'klCoef'> & { targetKl: number | null },
): Reduced {
  const gradient = partials[0].gradient.map((_, i) => partials.reduce((sum, p) => sum + p.gradient[i], 0))
  const squares = new Float64Array(Math.ceil(gradient.length / block))
  gradient.forEach((g, i) => {
    squares[Math.floor(i / block)] += g * g
  })
  const mean = (name: Exclude<keyof MinibatchStats, 'situations'>): number =>
    partials.reduce((sum, p) => sum + p.losses[name], 0) / rows
  const [pgLoss, vLoss, entropy, kl] = [mean('pgLoss'), mean('vLoss'), mean('entropy'), mean('kl')]
  const klCoef = hyper.algorithm === 'penalty' ? hyper.klCoef : 0
  const stats: MinibatchStats = {
    pgLoss,
    vLoss,
    entropy,
    loss: pgLoss - hyper.entCoef * entropy + hyper.vfCoef * vLoss + klCoef * kl,
    approxKl: mean('approxKl'),
    oldApproxKl: mean('oldApproxKl'),
    clipfrac: mean('clipfrac'),
    kl,
    situations: [0, 1, 2, 3, 4, 5].map((s) => partials.reduce((n, p) => n + p.losses.situations[s], 0)) as Situations,
  }
  return { gradient, squares, stats, stopped: stopsEarly(stats, hyper.algorithm, hyper.targetKl) }
}
