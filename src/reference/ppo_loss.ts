/**
 * The loss of every sample of a minibatch, and its derivatives with respect to the networks' outputs: Schulman et al.
 * 2017, eq. 7 (clipped) or eq. 8 (penalty), with CleanRL's clipped value loss. One agent.
 */
import { type PolicyRow, policyRow } from '../model/distributions/distribution'
import type { LossInputs, LossOutputs } from './losses'

export interface LossHyper {
  algorithm: 'clip' | 'penalty'
  clipCoef: number
  /** Bound of the loss where A < 0; null: none. */
  dualClip: number | null
  clipVloss: boolean
  /** Resolved: never null. */
  vfClipCoef: number
  entCoef: number
  vfCoef: number
  /** Weight of KL(old||new); used in penalty mode only. */
  klCoef: number
}

export const NO_SITUATION = 6

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

/** Derivative of max(a, b) with respect to a. Equal branches share it, as in torch.max(a, b). */
const shareOfFirst = (a: number, b: number): number => (a > b ? 1 : a < b ? 0 : 0.5)

/** Clipped surrogate -min(A ratio, A clamp(ratio)) and its derivative; clamp's derivative is 1 on the closed range. */
export function clippedSurrogate(ratio: number, advantage: number, clipCoef: number): [number, number] {
  const low = 1 - clipCoef
  const high = 1 + clipCoef
  const unclipped = -advantage * ratio
  const clipped = -advantage * clamp(ratio, low, high)
  const share = shareOfFirst(unclipped, clipped)
  const dClampedDRatio = ratio >= low && ratio <= high ? 1 : 0
  const dLossDRatio = -advantage * (share + (1 - share) * dClampedDRatio)
  return [Math.max(unclipped, clipped), dLossDRatio]
}

/** The same with the bound of Ye et al. 2020: where A < 0 the loss is at most -A dualClip. */
export function dualClippedSurrogate(
  ratio: number,
  advantage: number,
  clipCoef: number,
  dualClip: number | null,
): [number, number] {
  if (dualClip !== null && advantage < 0 && ratio > dualClip) return [-advantage * dualClip, 0]
  return clippedSurrogate(ratio, advantage, clipCoef)
}

/** Value loss 0.5 max((v - R)^2, (oldV + clamp(v - oldV) - R)^2) and its derivative by v; coefficient null: no clip. */
export function valueLoss(
  value: number,
  oldValue: number,
  target: number,
  vfClipCoef: number | null,
): [number, number] {
  const error = value - target
  if (vfClipCoef === null) return [0.5 * error * error, error]
  const move = value - oldValue
  const clippedError = oldValue + clamp(move, -vfClipCoef, vfClipCoef) - target
  const share = shareOfFirst(error * error, clippedError * clippedError)
  const dClampedDValue = Math.abs(move) <= vfClipCoef ? 1 : 0
  const loss = 0.5 * Math.max(error * error, clippedError * clippedError)
  return [loss, share * error + (1 - share) * clippedError * dClampedDValue]
}

/** Which of the six situations of the clipped objective a sample is in; see `LossOutputs.situation`. */
export function situationOf(ratio: number, advantage: number, clipCoef: number): number {
  const place = ratio < 1 - clipCoef ? 0 : ratio > 1 + clipCoef ? 2 : 1
  return (advantage >= 0 ? 0 : 3) + place
}

/** Buffers for `ppoLoss`. */
export function makeLossOutputs(rows: number, outStride: number, valueStride: number): LossOutputs {
  const perSample = (stride = 1) => new Float64Array(rows * stride)
  return {
    newLogprob: perSample(),
    ratio: perSample(),
    entropy: perSample(),
    pgLoss: perSample(),
    vLoss: perSample(),
    approxKl: perSample(),
    oldApproxKl: perSample(),
    clipped: perSample(),
    kl: perSample(),
    situation: new Int32Array(rows),
    dLossDOut: perSample(outStride),
    dLossDValue: perSample(valueStride),
    dLossDOwn: perSample(outStride),
  }
}

/** The behaviour policy of a row, under the same mask; null if it is not stored. */
const oldRow = ({ oldOut, oldOwn }: LossInputs, row: PolicyRow): PolicyRow | null =>
  oldOut && { ...row, out: oldOut, own: oldOwn, ownOffset: 0 }

/** PPO's loss, sample by sample: loss = pgLoss - entCoef entropy + vfCoef vLoss + klCoef KL(old||new). */
export function ppoLoss(inputs: LossInputs, hyper: LossHyper, outputs: LossOutputs): void {
  const { rows, distribution, actions } = inputs
  const clip = hyper.algorithm === 'clip'
  for (let i = 0; i < rows; i++) {
    const advantage = inputs.advantages[i]
    const row = policyRow(inputs, i)
    const old = oldRow(inputs, row)
    const at = i * distribution.actionStride
    const newLogprob = distribution.logprob(row, actions, at)

    const logratio = newLogprob - inputs.logprobs[i]
    const ratio = Math.exp(logratio)
    const [pgLoss, dLossDRatio] = clip
      ? dualClippedSurrogate(ratio, advantage, hyper.clipCoef, hyper.dualClip)
      : [-advantage * ratio, -advantage]
    const newValue = inputs.newValues[i * inputs.valueStride]
    const vfClipCoef = hyper.clipVloss ? hyper.vfClipCoef : null
    const [vLoss, dVLossDValue] = valueLoss(newValue, inputs.values[i], inputs.returns[i], vfClipCoef)

    outputs.newLogprob[i] = newLogprob
    outputs.ratio[i] = ratio
    outputs.entropy[i] = distribution.entropy(row)
    outputs.pgLoss[i] = pgLoss
    outputs.vLoss[i] = vLoss
    outputs.approxKl[i] = ratio - 1 - logratio
    outputs.oldApproxKl[i] = -logratio
    outputs.clipped[i] = clip && Math.abs(ratio - 1) > hyper.clipCoef ? 1 : 0
    outputs.kl[i] = old ? distribution.kl(old, row) : 0
    outputs.situation[i] = clip ? situationOf(ratio, advantage, hyper.clipCoef) : NO_SITUATION

    const weights = {
      dLossDLogprob: (dLossDRatio * ratio) / rows, // d ratio / d logprob = ratio
      dLossDEntropy: -hyper.entCoef / rows,
      dLossDKl: clip ? 0 : hyper.klCoef / rows,
    }
    distribution.backward(row, old, actions, at, weights, outputs.dLossDOut, outputs.dLossDOwn)
    outputs.dLossDValue[i * inputs.valueStride] = (hyper.vfCoef * dVLossDValue) / rows
  }
}
