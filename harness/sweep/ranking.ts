/** Which trials did best, and the finalists' runs over their seeds. */
import type { TrialValue } from '../../src/sweep/types'
import { interquartileMean, iqmInterval } from '../figures/population'
import { deviation, meanOrNull } from '../figures/summary'
import type { Kept } from './folder'

/** A trial, as far as it came. */
export interface RankedTrial {
  trial: number
  seed: number
  values: Record<string, TrialValue>
  score: number | null
  rung: number
  timesteps: number
  status: string
  marked: boolean
}

/** A finalist: its runs over fresh seeds. */
export interface Finalist {
  trial: number
  values: Record<string, TrialValue>
  /** Its score in the search: the largest of many, so too good on average. */
  searchScore: number
  seeds: number[]
  /** Of each seed; null for one without finished episodes or that met a number that is not finite. */
  scores: (number | null)[]
  mean: number | null
  std: number | null
  iqm: number | null
  iqmLow: number | null
  iqmHigh: number | null
  weightsHashes: (string | null)[]
}

const LEAST = Number.NEGATIVE_INFINITY

/** The last result of each trial of the search: who came further is before, then who has the larger score. */
export function rankTrials(results: readonly Kept[], rungs: number): RankedTrial[] {
  const last = new Map<number, Kept>()
  for (const row of results) {
    if (row.rung < rungs && row.rung >= (last.get(row.trial)?.rung ?? 0)) last.set(row.trial, row)
  }
  return [...last.values()]
    .sort((a, b) => b.rung - a.rung || (b.score ?? LEAST) - (a.score ?? LEAST) || a.trial - b.trial)
    .map(({ trial, seed, values, score, rung, timesteps, status, other, mixed }) => ({
      ...{ trial, seed, values, score, rung, timesteps, status },
      marked: other || mixed,
    }))
}

/**
 * The finalists, the best mean first; one without a mean is last.
 * @param ofSearch The finalists' trials, in the order of their runs.
 */
export function rankFinalists(
  results: readonly Kept[],
  { rungs, trials, seeds }: { rungs: number; trials: number; seeds: number },
  ofSearch: readonly number[],
): Finalist[] {
  const bySearch = new Map(rankTrials(results, rungs).map((row) => [row.trial, row]))
  const runs = new Map(results.filter(({ rung }) => rung === rungs).map((row) => [row.trial, row]))
  return ofSearch
    .map((trial, k) => {
      const own = Array.from({ length: seeds }, (_, j) => runs.get(trials + k * seeds + j)!)
      const scores = own.map(({ score }) => score)
      const mean = meanOrNull(scores)
      const all = mean === null ? null : (scores as number[])
      const [iqmLow, iqmHigh] = iqmInterval(all ?? [])
      return {
        ...{ trial, values: bySearch.get(trial)!.values, searchScore: bySearch.get(trial)!.score! },
        ...{ seeds: own.map(({ seed }) => seed), scores, mean, std: all && deviation(all) },
        ...{ iqm: all && interquartileMean(all), iqmLow, iqmHigh },
        weightsHashes: own.map(({ weightsHash }) => weightsHash),
      }
    })
    .sort((a, b) => (b.mean ?? LEAST) - (a.mean ?? LEAST))
}

/** `learningRate 0.0012, entCoef 0.01`. */
export const valuesText = (values: Record<string, TrialValue>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ')

/** Numbers with six digits, enough to tell trials apart in a table; the files have all. */
export const valueText = (value: TrialValue): string =>
  typeof value === 'number'
    ? String(Number(value.toPrecision(6)))
    : Array.isArray(value)
      ? value.join('-')
      : String(value)
