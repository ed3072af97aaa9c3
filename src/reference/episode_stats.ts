/** Statistics of the episodes that ended in one iteration, from raw rewards. */
import type { MetricsRow } from '../metrics'

/** One row per env, so that no two envs write the same place. All [numEnvs]. */
export interface EpisodeAccumulators {
  count: Float64Array
  returnSum: Float64Array
  returnMin: Float64Array
  returnMax: Float64Array
  /** Sum of squares. */
  returnSq: Float64Array
  lengthSum: Float64Array
  lengthMin: Float64Array
  lengthMax: Float64Array
  lengthSq: Float64Array
}

export type EpisodeStats = Pick<
  MetricsRow,
  | 'episodes'
  | 'returnMean'
  | 'returnMin'
  | 'returnMax'
  | 'returnStd'
  | 'lengthMean'
  | 'lengthMin'
  | 'lengthMax'
  | 'lengthStd'
>

export function makeAccumulators(numEnvs: number): EpisodeAccumulators {
  const zeros = () => new Float64Array(numEnvs)
  return {
    count: zeros(),
    returnSum: zeros(),
    returnMin: new Float64Array(numEnvs).fill(Infinity),
    returnMax: new Float64Array(numEnvs).fill(-Infinity),
    returnSq: zeros(),
    lengthSum: zeros(),
    lengthMin: new Float64Array(numEnvs).fill(Infinity),
    lengthMax: new Float64Array(numEnvs).fill(-Infinity),
    lengthSq: zeros(),
  }
}

/** Adds one finished episode of `env`. */
export function recordEpisode(acc: EpisodeAccumulators, env: number, episodeReturn: number, length: number): void {
  acc.count[env]++
  acc.returnSum[env] += episodeReturn
  acc.returnMin[env] = Math.min(acc.returnMin[env], episodeReturn)
  acc.returnMax[env] = Math.max(acc.returnMax[env], episodeReturn)
  acc.returnSq[env] += episodeReturn * episodeReturn
  acc.lengthSum[env] += length
  acc.lengthMin[env] = Math.min(acc.lengthMin[env], length)
  acc.lengthMax[env] = Math.max(acc.lengthMax[env], length)
  acc.lengthSq[env] += length * length
}

/** Reduces the accumulators over envs, in order of env. Standard deviations divide by n. All null without an episode. */
export function episodeStats(acc: EpisodeAccumulators): EpisodeStats & { returnSum: number } {
  const total = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)
  const episodes = total(acc.count)
  const returnSum = total(acc.returnSum)
  const some = (value: number): number | null => (episodes > 0 ? value : null)
  const std = (sum: number, squares: number): number =>
    Math.sqrt(Math.max(0, squares / episodes - (sum / episodes) ** 2))
  const lengthSum = total(acc.lengthSum)
  return {
    episodes,
    returnSum,
    returnMean: some(returnSum / episodes),
    returnMin: some(acc.returnMin.reduce((a, b) => Math.min(a, b), Infinity)),
    returnMax: some(acc.returnMax.reduce((a, b) => Math.max(a, b), -Infinity)),
    returnStd: some(std(returnSum, total(acc.returnSq))),
    lengthMean: some(lengthSum / episodes),
    lengthMin: some(acc.lengthMin.reduce((a, b) => Math.min(a, b), Infinity)),
    lengthMax: some(acc.lengthMax.reduce((a, b) => Math.max(a, b), -Infinity)),
    lengthStd: some(std(lengthSum, total(acc.lengthSq))),
  }
}
