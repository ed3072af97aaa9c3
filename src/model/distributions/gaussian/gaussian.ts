/**
 * Boxes: a diagonal Gaussian. The network gives the means; the log standard deviations, the same in every state, are
 * its own parameters. Actions are unclipped: the framework clips what the environment gets. All quantities in nats.
 */
import type { Floats } from '../../floats'
import type { ActingDistribution, ActionDistribution, PolicyRow } from '../distribution'

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI)

const ownOf = ({ own }: PolicyRow): Floats => {
  if (own) return own
  throw new Error('a gaussian policy needs its log standard deviations')
}

/** For `n` action dimensions. */
export function gaussianActing(n: number): ActingDistribution {
  return {
    kind: 'gaussian',
    width: n,
    actionCount: n,
    actionStride: Math.ceil(n / 4) * 4,
    parts: [],
    own: { name: 'log_std', count: n, first: ({ logStdInit }) => logStdInit },
    choices: () => [],

    /** action_j = mean_j + exp(logStd_j) normal_j; dimensions 2k and 2k + 1 are the pair of draw k. */
    sample(row, draws, actions, offset) {
      const logStd = ownOf(row)
      let pair: [number, number] = [0, 0]
      for (let j = 0; j < n; j++) {
        if (j % 2 === 0) pair = draws.normalPair()
        actions[offset + j] = row.out[row.offset + j] + Math.exp(logStd[row.ownOffset + j]) * pair[j % 2]
      }
    },

    mode(row, actions, offset) {
      for (let j = 0; j < n; j++) actions[offset + j] = row.out[row.offset + j]
    },
  }
}

export function gaussian(n: number): ActionDistribution {
  return {
    ...gaussianActing(n),

    logprob(row, actions, offset) {
      let logprob = 0
      for (let j = 0; j < n; j++) {
        const logStd = ownOf(row)[row.ownOffset + j]
        const z = (actions[offset + j] - row.out[row.offset + j]) / Math.exp(logStd)
        logprob -= 0.5 * z * z + logStd + HALF_LOG_2PI
      }
      return logprob
    },

    /** sum (1/2 + 1/2 log 2 pi + log std). */
    entropy(row) {
      let entropy = 0
      for (let j = 0; j < n; j++) entropy += 0.5 + HALF_LOG_2PI + ownOf(row)[row.ownOffset + j]
      return entropy
    },

    kl(old, row) {
      let kl = 0
      for (let j = 0; j < n; j++) {
        const oldLogStd = ownOf(old)[old.ownOffset + j]
        const logStd = ownOf(row)[row.ownOffset + j]
        const distance = old.out[old.offset + j] - row.out[row.offset + j]
        const variance = Math.exp(2 * logStd)
        kl += logStd - oldLogStd + (Math.exp(2 * oldLogStd) + distance * distance) / (2 * variance) - 0.5
      }
      return kl
    },

    /**
     * With z = (a - mean) / std:
     *
     *     d logprob / d mean = z / std              d logprob / d logStd = z^2 - 1
     *     d entropy / d logStd = 1
     *     d KL / d mean = (mean - meanOld) / std^2  d KL / d logStd = 1 - (stdOld^2 + (mean - meanOld)^2) / std^2
     */
    backward(row, old, actions, offset, { dLossDLogprob, dLossDEntropy, dLossDKl }, dLossDMeans, dLossDLogStd) {
      for (let j = 0; j < n; j++) {
        const mean = row.out[row.offset + j]
        const std = Math.exp(ownOf(row)[row.ownOffset + j])
        const z = (actions[offset + j] - mean) / std
        let dMean = (dLossDLogprob * z) / std
        let dLogStd = dLossDLogprob * (z * z - 1) + dLossDEntropy
        if (old) {
          const distance = mean - old.out[old.offset + j]
          const oldVariance = Math.exp(2 * ownOf(old)[old.ownOffset + j])
          dMean += (dLossDKl * distance) / (std * std)
          dLogStd += dLossDKl * (1 - (oldVariance + distance * distance) / (std * std))
        }
        dLossDMeans[row.offset + j] = dMean
        dLossDLogStd[row.offset + j] = dLogStd
      }
    },
  }
}
