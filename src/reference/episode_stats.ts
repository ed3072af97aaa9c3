/** Statistics of the episodes that ended in one iteration, from raw rewards. */
import type { MetricsRow } from '../metrics'

/** One environment's running episode, and the episodes of it that ended in the iteration. */
export interface EpisodeRecord {
  /** Of the running episode. */
  episodicReturn: number
  episodicLength: number
  /** Of the ended ones. */
  count: number
  returnSum: number
  /** Squared deviations from the mean. */
  returnM2: number
  returnMin: number
  returnMax: number
  lengthSum: number
  lengthM2: number
  lengthMin: number
  lengthMax: number
  /** By which the time limit comes early: 0 but in staggered first episodes, which do not count. */
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
  returnSum: 0,
  returnM2: 0,
  returnMin: Infinity,
  returnMax: -Infinity,
  lengthSum: 0,
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

/** Squared deviations of two groups together (Chan et al. 1979). */
function mergeM2(m2A: number, sumA: number, countA: number, m2B: number, sumB: number, countB: number): number {
  if (countA === 0) return m2B
  if (countB === 0) return m2A
  const delta = sumB / countB - sumA / countA
  return m2A + m2B + (delta * delta * countA * countB) / (countA + countB)
}

/** Adds the ended episodes of `b` to those of `a`, in place. */
function merge(a: EpisodeRecord, b: EpisodeRecord): void {
  a.returnM2 = mergeM2(a.returnM2, a.returnSum, a.count, b.returnM2, b.returnSum, b.count)
  a.lengthM2 = mergeM2(a.lengthM2, a.lengthSum, a.count, b.lengthM2, b.lengthSum, b.count)
  a.count += b.count
  a.returnSum += b.returnSum
  a.returnMin = Math.min(a.returnMin, b.returnMin)
  a.returnMax = Math.max(a.returnMax, b.returnMax)
  a.lengthSum += b.lengthSum
  a.lengthMin = Math.min(a.lengthMin, b.lengthMin)
  a.lengthMax = Math.max(a.lengthMax, b.lengthMax)
}

/** The running episode has ended: counts it, unless it was staggered, and starts the next one. */
export function endEpisode(record: EpisodeRecord): void {
  const { episodicReturn: r, episodicLength: l } = record
  const ended = { count: 1, returnSum: r, returnM2: 0, returnMin: r, returnMax: r }
  if (record.stepsSkipped === 0) {
    merge(record, { ...newEpisodeRecord(), ...ended, lengthSum: l, lengthMin: l, lengthMax: l })
  }
  record.stepsSkipped = 0
  record.episodicReturn = 0
  record.episodicLength = 0
}

/**
 * Merges the records of all environments, in order, and clears their ended episodes; the running ones stay. Standard
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
    returnSum: total.returnSum,
    returnMean: some(total.returnSum / n),
    returnMin: some(total.returnMin),
    returnMax: some(total.returnMax),
    returnStd: some(Math.sqrt(total.returnM2 / n)),
    lengthMean: some(total.lengthSum / n),
    lengthMin: some(total.lengthMin),
    lengthMax: some(total.lengthMax),
    lengthStd: some(Math.sqrt(total.lengthM2 / n)),
  }
}
