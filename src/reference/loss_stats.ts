import type { LossOutputs } from './losses'
import { type LossHyper, NO_SITUATION } from './ppo_loss'

export type Situations = [number, number, number, number, number, number]

/** Means over one minibatch, before its step. */
export interface MinibatchStats {
  pgLoss: number
  vLoss: number
  entropy: number
  loss: number
  approxKl: number
  oldApproxKl: number
  clipfrac: number
  kl: number
  /** Samples in each situation, see `LossOutputs.situation`; all 0 in penalty mode. */
  situations: Situations
}

/** Averages the samples of a minibatch, in order. */
export function lossStats(outputs: LossOutputs, rows: number, hyper: LossHyper): MinibatchStats {
  const mean = (values: Float64Array): number => {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += values[i]
    return sum / rows
  }
  const situations: Situations = [0, 0, 0, 0, 0, 0]
  for (const situation of outputs.situation.subarray(0, rows)) if (situation !== NO_SITUATION) situations[situation]++
  const pgLoss = mean(outputs.pgLoss)
  const vLoss = mean(outputs.vLoss)
  const entropy = mean(outputs.entropy)
  const kl = mean(outputs.kl)
  const klCoef = hyper.algorithm === 'penalty' ? hyper.klCoef : 0
  return {
    pgLoss,
    vLoss,
    entropy,
    loss: pgLoss - hyper.entCoef * entropy + hyper.vfCoef * vLoss + klCoef * kl,
    approxKl: mean(outputs.approxKl),
    oldApproxKl: mean(outputs.oldApproxKl),
    clipfrac: mean(outputs.clipped),
    kl,
    situations,
  }
}

/**
 * Whether this minibatch and all later ones of the iteration are skipped: approxKl, measured before the step, exceeds
 * the target. Clip mode only; in penalty mode the target steers the coefficient instead. (Stable-Baselines3's rule
 * without its factor 1.5; CleanRL checks once per epoch, after stepping.)
 */
export function stopsEarly(stats: MinibatchStats, algorithm: LossHyper['algorithm'], targetKl: number | null): boolean {
  return algorithm === 'clip' && targetKl !== null && stats.approxKl > targetKl
}
