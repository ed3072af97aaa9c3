import type { Floats } from '../model/floats'
import type { AdvantageStats } from './advantage_stats'
import { shuffleIndex } from './shuffle'

/**
 * The samples of one minibatch: entries [minibatch * m, (minibatch + 1) * m) of the epoch's shuffled order, m = the
 * length of `indices`. The index of a sample is step * numEnvs + env.
 */
export function minibatchIndices(
  minibatch: number,
  batchSize: number,
  keys: readonly [number, number],
  indices: Uint32Array,
): void {
  const first = minibatch * indices.length
  for (let i = 0; i < indices.length; i++) indices[i] = shuffleIndex(first + i, batchSize, keys)
}

/** Copies rows: `target[i][..] = source[indices[i]][..]`, both with `stride` numbers in a row. */
export function gather(source: Floats, stride: number, indices: ArrayLike<number>, target: Floats): void {
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * stride
    const to = i * stride
    for (let k = 0; k < stride; k++) target[to + k] = source[from + k]
  }
}

/** The same for the advantages, also normalised: (A - mean) / (std + 1e-8). */
export function gatherAdvantages(
  advantages: Floats,
  indices: ArrayLike<number>,
  stats: AdvantageStats,
  target: Floats,
): void {
  for (let i = 0; i < indices.length; i++) target[i] = (advantages[indices[i]] - stats.mean) * stats.invStd
}
