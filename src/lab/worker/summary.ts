/** From the rows of all agents to the numbers that the page charts: mean and middle half of each series. */
import type { MetricsRow } from '../../metrics'
import { type IterationSummary, SERIES, type SeriesName, type Spread } from '../protocol'

/** Mean, lower and upper quartile of the numbers that are not null. */
export function spread(values: (number | null)[]): Spread | null {
  const numbers = values.filter((x): x is number => x !== null && Number.isFinite(x)).sort((a, b) => a - b)
  if (numbers.length === 0) return null
  const at = (q: number): number => {
    const position = q * (numbers.length - 1)
    const below = Math.floor(position)
    const above = Math.min(below + 1, numbers.length - 1)
    return numbers[below] + (numbers[above] - numbers[below]) * (position - below)
  }
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length
  return { mean, low: at(0.25), high: at(0.75) }
}

/** One iteration, [agent]; null for agents that had stopped before. Undefined if all had. */
export function summarise(rows: (MetricsRow | null)[]): IterationSummary | undefined {
  const running = rows.filter((row) => row !== null)
  if (running.length === 0) return undefined
  const of = (name: SeriesName) => spread(running.map((row) => row[name]))
  const series = Object.fromEntries(SERIES.map((name) => [name, of(name)])) as IterationSummary['series']
  // One agent has no spread; instead this is the deviation of its episodes.
  if (rows.length === 1) {
    const { returnMean, returnStd, returnMin, returnMax, lengthMean, lengthStd, lengthMin, lengthMax } = running[0]
    series.returnMean = around(returnMean, returnStd, returnMin, returnMax)
    series.lengthMean = around(lengthMean, lengthStd, lengthMin, lengthMax)
  }
  const situations = [0, 1, 2, 3, 4, 5].map((i) => running.reduce((sum, row) => sum + row.situations[i], 0))
  return { timesteps: running[0].timesteps, series, situations }
}

/**
 * One deviation to each side, but never below the smallest or above the largest of the episodes: what no episode had
 * may be impossible, such as fewer steps than 1 or more than the time limit.
 */
function around(mean: number | null, std: number | null, min: number | null, max: number | null): Spread | null {
  if (mean === null) return null
  const inside = (x: number) => Math.min(Math.max(x, min ?? x), max ?? x)
  return { mean, low: inside(mean - (std ?? 0)), high: inside(mean + (std ?? 0)) }
}
