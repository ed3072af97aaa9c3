/**
 * The diagonal Gaussian policy with a state-independent log standard deviation. Means lie at
 * `means[offset .. offset + n)`, log standard deviations at `logStd[logStdOffset .. + n)`; n is the number of action
 * dimensions. Actions are unclipped: the framework clips what the environment sees. Everything in nats.
 */

import type { Floats } from '../model/floats'
import type { PolicyGradientWeights } from './categorical'

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI)

/** Where the distribution's parameters lie. */
export interface GaussianAt {
  means: Floats
  offset: number
  logStd: Floats
  logStdOffset: number
  n: number
}

/** log pi(action), `actions[actionOffset .. + n)`. */
export function gaussianLogprob(at: GaussianAt, actions: Floats, actionOffset: number): number {
  let logprob = 0
  for (let j = 0; j < at.n; j++) {
    const logStd = at.logStd[at.logStdOffset + j]
    const z = (actions[actionOffset + j] - at.means[at.offset + j]) / Math.exp(logStd)
    logprob -= 0.5 * z * z + logStd + HALF_LOG_2PI
  }
  return logprob
}

/** sum (1/2 + 1/2 log 2 pi + log std). */
export function gaussianEntropy(at: Pick<GaussianAt, 'logStd' | 'logStdOffset' | 'n'>): number {
  let entropy = 0
  for (let j = 0; j < at.n; j++) entropy += 0.5 + HALF_LOG_2PI + at.logStd[at.logStdOffset + j]
  return entropy
}

/** KL(old || new) of two diagonal Gaussians. */
export function gaussianKl(old: GaussianAt, at: GaussianAt): number {
  let kl = 0
  for (let j = 0; j < at.n; j++) {
    const oldLogStd = old.logStd[old.logStdOffset + j]
    const logStd = at.logStd[at.logStdOffset + j]
    const distance = old.means[old.offset + j] - at.means[at.offset + j]
    const variance = Math.exp(2 * logStd)
    kl += logStd - oldLogStd + (Math.exp(2 * oldLogStd) + distance * distance) / (2 * variance) - 0.5
  }
  return kl
}

/** action_j = mean_j + exp(logStd_j) * normals[j]. Writes `actions[actionOffset .. + n)`. */
export function gaussianSample(
  at: GaussianAt,
  normals: ArrayLike<number>,
  actions: Floats,
  actionOffset: number,
): void {
  for (let j = 0; j < at.n; j++) {
    actions[actionOffset + j] = at.means[at.offset + j] + Math.exp(at.logStd[at.logStdOffset + j]) * normals[j]
  }
}

/**
 * Chain rule to means and log standard deviations of one sample, z = (a - mean) / std:
 *
 *     d logprob / d mean = z / std                          d logprob / d logStd = z^2 - 1
 *     d entropy / d logStd = 1
 *     d KL / d mean = (mean - meanOld) / std^2              d KL / d logStd = 1 - (stdOld^2 + (mean - meanOld)^2) / std^2
 *
 * Writes `dLossDMeans[offset .. + n)` and `dLossDLogStd[offset .. + n)`.
 */
export function gaussianBackward(
  at: GaussianAt,
  actions: Floats,
  actionOffset: number,
  weights: PolicyGradientWeights,
  old: GaussianAt | null,
  dLossDMeans: Floats,
  dLossDLogStd: Floats,
): void {
  const { dLossDLogprob, dLossDEntropy, dLossDKl } = weights
  for (let j = 0; j < at.n; j++) {
    const mean = at.means[at.offset + j]
    const std = Math.exp(at.logStd[at.logStdOffset + j])
    const z = (actions[actionOffset + j] - mean) / std
    let dMean = (dLossDLogprob * z) / std
    let dLogStd = dLossDLogprob * (z * z - 1) + dLossDEntropy
    if (old) {
      const distance = mean - old.means[old.offset + j]
      const oldVariance = Math.exp(2 * old.logStd[old.logStdOffset + j])
      dMean += (dLossDKl * distance) / (std * std)
      dLogStd += dLossDKl * (1 - (oldVariance + distance * distance) / (std * std))
    }
    dLossDMeans[at.offset + j] = dMean
    dLossDLogStd[at.offset + j] = dLogStd
  }
}
