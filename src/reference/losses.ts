/** What the loss of a minibatch takes and gives. */

import type { Floats } from '../model/floats'
import type { Distribution } from '../model/network'

/** The minibatch under the current weights. `rows` samples; the strides are multiples of 4. */
export interface LossInputs {
  rows: number
  dist: Distribution
  actionDim: number
  /** Logits or means of the current policy, [rows][outStride]. */
  out: Floats
  outStride: number
  /** Values of the current critic, [rows][valueStride]; entry 0 of each row. */
  newValues: Floats
  valueStride: number
  /** Current log standard deviations at [logStdOffset ..); null for categorical policies. */
  logStd: Floats | null
  logStdOffset: number
  /** [rows] for categorical, [rows][round4(actionDim)] for gaussian policies, unclipped. */
  actions: Floats
  /** Of the behaviour policy, [rows]. */
  logprobs: Floats
  values: Floats
  /** As they enter the loss: normalised, when they are (see `gather`). */
  advantages: Floats
  returns: Floats
  /** Logits or means of the behaviour policy, [rows][outStride]; null: no KL is computed. */
  oldOut: Floats | null
  /** Log standard deviations of the behaviour policy, [round4(actionDim)]; null for categorical policies. */
  oldLogStd: Floats | null
}

/** What `ppoLoss` writes. Derivatives are already divided by `rows`, so that summing them gives the mean's gradient. */
export interface LossOutputs {
  /** Per sample, [rows]. */
  newLogprob: Float64Array
  ratio: Float64Array
  entropy: Float64Array
  pgLoss: Float64Array
  /** With its factor 0.5. */
  vLoss: Float64Array
  approxKl: Float64Array
  oldApproxKl: Float64Array
  /** 1 where |ratio - 1| > clipCoef; 0 in penalty mode. */
  clipped: Float64Array
  /** Exact KL(old||new); 0 without `oldOut`. */
  kl: Float64Array
  /** 0 below, 1 inside, 2 above the clip range for A >= 0; 3, 4, 5 for A < 0; 6, none, in penalty mode. */
  situation: Int32Array
  /** [rows][outStride] */
  dLossDOut: Float64Array
  /** [rows][valueStride] */
  dLossDValue: Float64Array
  /** Per sample, [rows][outStride]; their sum over the rows is the gradient of log_std. Zero for categorical policies. */
  dLossDLogStd: Float64Array
}
