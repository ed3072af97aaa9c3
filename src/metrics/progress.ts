/** Whether the return of a run has grown, from its rows. */
import type { MetricsRow } from '../metrics'

export const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** Mean and standard deviation of the returns in the first or the last `n` rows with episodes; null without n of them. */
export function returnsOf(
  rows: readonly MetricsRow[],
  n: number,
  which: 'first' | 'last',
): { mean: number; std: number } | null {
  const some = rows.filter((row) => row.episodes > 0)
  if (some.length < n) return null
  const used = which === 'first' ? some.slice(0, n) : some.slice(-n)
  let [count, sum, squares] = [0, 0, 0]
  for (const { episodes, returnMean, returnStd } of used) {
    count += episodes
    sum += episodes * returnMean!
    squares += episodes * (returnStd! ** 2 + returnMean! ** 2)
  }
  const middle = sum / count
  return { mean: middle, std: Math.sqrt(Math.max(0, squares / count - middle ** 2)) }
}

/**
 * The latest return less the first one, in standard deviations of the first episodes; null when the run's beginning or 10
 * rows with episodes are not there.
 */
export function gainOf(rows: readonly MetricsRow[]): number | null {
  if (rows.length === 0 || rows[0].iteration > 1) return null
  const first = returnsOf(rows.slice(0, KEPT), 5, 'first')
  const now = returnsOf(rows.slice(-KEPT), 10, 'last')
  if (!first || !now) return null
  const difference = now.mean - first.mean
  const least = 1e-6 * Math.max(1, Math.abs(first.mean)) // rounding of equal returns
  return difference / Math.max(first.std, least)
}

/** Rows of each end that a diagnosis looks at. */
const KEPT = 100

/** Adds a row of an agent to those that `diagnose` needs, of which there are never more than some hundreds. */
export function keepRow(rows: MetricsRow[], row: MetricsRow): void {
  rows.push(row)
  if (rows.length > 4 * KEPT) rows.splice(KEPT, rows.length - 2 * KEPT)
}
