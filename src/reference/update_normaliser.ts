import type { Running } from '../model/normaliser'
import type { Normaliser } from './normaliser'

/**
 * Merges `samples` [n][width] into running means and variances, in place: two passes over the samples, then both groups
 * are merged (Chan et al. 1979).
 */
export function updateRunning(running: Running, samples: ArrayLike<number>): void {
  const width = running.mean.length
  const n = samples.length / width
  const total = running.count + n
  for (let i = 0; i < width; i++) {
    let sum = 0
    for (let k = 0; k < n; k++) sum += samples[k * width + i]
    const mean = sum / n
    let squares = 0
    for (let k = 0; k < n; k++) squares += (samples[k * width + i] - mean) ** 2
    const delta = mean - running.mean[i]
    const m2 = running.variance[i] * running.count + squares + (delta * delta * running.count * n) / total
    running.mean[i] += (delta * n) / total
    running.variance[i] = m2 / total
  }
  running.count = total
}

/** Merges the rollout's data into the statistics, and clears them. */
export function updateNormaliser(normaliser: Normaliser): void {
  const { stats, seenObs, seenReturns } = normaliser
  if (stats.obs) updateRunning(stats.obs, seenObs)
  if (stats.returns) updateRunning(stats.returns, seenReturns)
  normaliser.seenObs = []
  normaliser.seenReturns = []
}
