/** Inputs and outputs of the loss of a minibatch. */
import type { PolicyRows } from '../model/distributions/distribution'
import type { Floats } from '../model/floats'

/**
 * The minibatch under the current weights: its policies, values and stored data. `rows` samples; the strides are
 * multiples of 4.
 */
export interface LossInputs extends PolicyRows {
  rows: number
  /** Values of the current critic, [rows][valueStride]; entry 0 of each row. */
  newValues: Floats
  valueStride: number
  /** [rows][actionStride of the distribution], as stored. */
  actions: Floats
  /** Of the behaviour policy, [rows]. */
  logprobs: Floats
  values: Floats
  /** As used in the loss: normalised, if that is on (see `gather`). */
  advantages: Floats
  returns: Floats
  /** Logits or means of the behaviour policy, [rows][outStride]; null: no KL is computed. */
  oldOut: Floats | null
  /** The distribution's own parameters in the behaviour policy; null if it has none. */
  oldOwn: Floats | null
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
  /** Per sample, [rows][outStride]; their sum over the rows is the gradient of the distribution's own parameters, if any. */
  dLossDOwn: Float64Array
}
