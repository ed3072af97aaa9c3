import type { LossHyper } from './ppo_loss'
import type { LossSums } from './sum_losses'

/** The contribution of the rows of one range to a minibatch. */
export interface PartialGradient {
  /** [paramStride] */
  gradient: Float64Array
  losses: LossSums
}

/** Means over one minibatch, before its step; `situations` are counts. */
export interface MinibatchStats extends LossSums {
  loss: number
}

type StatsHyper = Pick<LossHyper, 'algorithm' | 'entCoef' | 'vfCoef' | 'klCoef'>

export interface Reduced {
  /** [paramStride] */
  gradient: Float64Array
  /** Sum of squares of each `block` numbers of the gradient. */
  squares: Float64Array
  stats: MinibatchStats
  /** Whether this minibatch causes the early stop; if so its gradient is not used. */
  stopped: boolean
}

/** Sums the partials of a minibatch of `rows` samples, in order, and computes its statistics. */
export function reduce(
  partials: readonly PartialGradient[],
  rows: number,
  block: number,
  hyper: StatsHyper & { targetKl: number | null },
): Reduced {
  const gradient = partials[0].gradient.map((_, i) => partials.reduce((sum, p) => sum + p.gradient[i], 0))
  const squares = new Float64Array(Math.ceil(gradient.length / block))
  gradient.forEach((g, i) => {
    squares[Math.floor(i / block)] += g * g
  })
  const stats = minibatchStats(
    partials.map(({ losses }) => losses),
    rows,
    hyper,
  )
  return { gradient, squares, stats, stopped: stopsEarly(stats, hyper.algorithm, hyper.targetKl) }
}

/** Means over a minibatch of `rows` samples from the sums of its partials, and the loss. */
export function minibatchStats(partials: readonly LossSums[], rows: number, hyper: StatsHyper): MinibatchStats {
  const mean = (name: Exclude<keyof LossSums, 'situations'>): number =>
    partials.reduce((sum, losses) => sum + losses[name], 0) / rows
  const count = (situation: number): number => partials.reduce((n, { situations }) => n + situations[situation], 0)
  const [pgLoss, vLoss, entropy, kl] = [mean('pgLoss'), mean('vLoss'), mean('entropy'), mean('kl')]
  const klCoef = hyper.algorithm === 'penalty' ? hyper.klCoef : 0
  return {
    pgLoss,
    vLoss,
    entropy,
    loss: pgLoss - hyper.entCoef * entropy + hyper.vfCoef * vLoss + klCoef * kl,
    approxKl: mean('approxKl'),
    oldApproxKl: mean('oldApproxKl'),
    clipfrac: mean('clipfrac'),
    kl,
    situations: [count(0), count(1), count(2), count(3), count(4), count(5)],
  }
}

/**
 * Whether this minibatch and all later ones of the iteration are skipped: approxKl, measured before the step, exceeds
 * the target. Clip mode only; in penalty mode the target controls the coefficient instead. (Stable-Baselines3's rule
 * without its factor 1.5; CleanRL checks once per epoch, after stepping.)
 */
export function stopsEarly(stats: MinibatchStats, algorithm: LossHyper['algorithm'], targetKl: number | null): boolean {
  return algorithm === 'clip' && targetKl !== null && stats.approxKl > targetKl
}
