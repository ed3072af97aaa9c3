import type { LossOutputs } from './losses'
import { NO_SITUATION } from './ppo_loss'

export type Situations = [number, number, number, number, number, number]

/** Sums over some rows of a minibatch. */
export interface LossSums {
  pgLoss: number
  vLoss: number
  entropy: number
  approxKl: number
  oldApproxKl: number
  clipfrac: number
  kl: number
  /** Samples in each situation, see `LossOutputs.situation`; all 0 in penalty mode. */
  situations: Situations
}

/** The contribution of rows [first, end) to the losses of their minibatch. */
export function sumLosses(outputs: LossOutputs, first: number, end: number): LossSums {
  const sum = (values: Float64Array): number => {
    let total = 0
    for (let row = first; row < end; row++) total += values[row]
    return total
  }
  const situations: Situations = [0, 0, 0, 0, 0, 0]
  for (const situation of outputs.situation.subarray(first, end)) {
    if (situation !== NO_SITUATION) situations[situation]++
  }
  return {
    pgLoss: sum(outputs.pgLoss),
    vLoss: sum(outputs.vLoss),
    entropy: sum(outputs.entropy),
    approxKl: sum(outputs.approxKl),
    oldApproxKl: sum(outputs.oldApproxKl),
    clipfrac: sum(outputs.clipped),
    kl: sum(outputs.kl),
    situations,
  }
}

/**
 * The contribution of rows [first, end) to the gradient of the distribution's own parameters: `dLossDOwn` is
 * [row][outStride].
 */
export function sumOwn(dLossDOwn: Float64Array, outStride: number, first: number, end: number): Float64Array {
  const total = new Float64Array(outStride)
  for (let row = first; row < end; row++) {
    for (let i = 0; i < outStride; i++) total[i] += dLossDOwn[row * outStride + i]
  }
  return total
}
