/** Statistics of the episodes that ended in one iteration, from raw rewards. */
import type { MetricsRow } from '../metrics'

/** One environment's running episode, and its episodes that ended in the iteration. */
export interface EpisodeRecord {
  /** Of the running episode. */
  episodicReturn: number
  episodicLength: number
  /** Of the ended ones. */
  count: number
  returnMean: number
  /** Squared deviations from the mean. */
  returnM2: number
  returnMin: number
  returnMax: number
  lengthMean: number
  lengthM2: number
  lengthMin: number
  lengthMax: number
  /** Steps that the time limit comes early: only in staggered first episodes, which do not count. */
  stepsSkipped: number
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

const NO_EPISODES = {
  count: 0,
  returnMean: 0,
  returnM2: 0,
  returnMin: Infinity,
  returnMax: -Infinity,
  lengthMean: 0,
  lengthM2: 0,
  lengthMin: Infinity,
  lengthMax: -Infinity,
}

export const newEpisodeRecord = (): EpisodeRecord => ({
  episodicReturn: 0,
  episodicLength: 0,
  ...NO_EPISODES,
  stepsSkipped: 0,
})

interface Moments {
  count: number
  mean: number
  /** Squared deviations from the mean. */
  m2: number
}

/** Merges the moments of two groups (Chan et al. 1979). */
function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const count = a.count + b.count
  const delta = b.mean - a.mean
  return {
    count,
    mean: a.mean + (delta * b.count) / count,
    m2: a.m2 + b.m2 + (delta * delta * a.count * b.count) / count,
  }
}

const returnsOf = ({ count, returnMean, returnM2 }: EpisodeRecord): Moments => ({
  count,
  mean: returnMean,
  m2: returnM2,
})
const lengthsOf = ({ count, lengthMean, lengthM2 }: EpisodeRecord): Moments => ({
  count,
  mean: lengthMean,
  m2: lengthM2,
})

/** Adds the ended episodes of `b` to those of `a`, in place. */
function merge(a: EpisodeRecord, b: EpisodeRecord): void {
  const returns = mergeMoments(returnsOf(a), returnsOf(b))
  const lengths = mergeMoments(lengthsOf(a), lengthsOf(b))
  a.count = returns.count
  a.returnMean = returns.mean
  a.returnM2 = returns.m2
  a.returnMin = Math.min(a.returnMin, b.returnMin)
  a.returnMax = Math.max(a.returnMax, b.returnMax)
  a.lengthMean = lengths.mean
  a.lengthM2 = lengths.m2
  a.lengthMin = Math.min(a.lengthMin, b.lengthMin)
  a.lengthMax = Math.max(a.lengthMax, b.lengthMax)
}

/** Ends the running episode: counts it, unless it was staggered, and starts the next one. */
export function endEpisode(record: EpisodeRecord): void {
  const { episodicReturn: r, episodicLength: l } = record
  const ended = { count: 1, returnMean: r, returnM2: 0, returnMin: r, returnMax: r }
  if (record.stepsSkipped === 0) {
    merge(record, { ...newEpisodeRecord(), ...ended, lengthMean: l, lengthMin: l, lengthMax: l })
  }
  record.stepsSkipped = 0
  record.episodicReturn = 0
  record.episodicLength = 0
}

/**
 * Merges the records of all environments, in order, and clears their ended episodes, not the running ones. Standard
 * deviations divide by n. All null without an episode.
 */
export function episodeStats(records: EpisodeRecord[]): EpisodeStats & { returnSum: number } {
  const total = newEpisodeRecord()
  for (const record of records) {
    merge(total, record)
    Object.assign(record, NO_EPISODES)
  }
  const n = total.count
  const some = (value: number): number | null => (n > 0 ? value : null)
  return {
    episodes: n,
    returnSum: n * total.returnMean,
    returnMean: some(total.returnMean),
    returnMin: some(total.returnMin),
    returnMax: some(total.returnMax),
    returnStd: some(Math.sqrt(total.returnM2 / n)),
    lengthMean: some(total.lengthMean),
    lengthMin: some(total.lengthMin),
    lengthMax: some(total.lengthMax),
    lengthStd: some(Math.sqrt(total.lengthM2 / n)),
  }
}
