/** Metrics rows as CSV (RFC 4180). */
import type { MetricsRow } from '../../src/metrics'
import { METRIC_NAMES } from '../../src/metrics/meanings'
import { plain } from '../cli/output'

/** One agent's row of one iteration, as in metrics.jsonl. */
export interface AgentRow extends MetricsRow {
  agent: number
  seed: number
}

/**
 * The fields of every row that a run keeps in memory; populations have millions of rows. metrics.jsonl has all fields.
 */
export type CurveRow = Pick<
  AgentRow,
  | 'agent'
  | 'seed'
  | 'iteration'
  | 'timesteps'
  | 'status'
  | 'episodes'
  | 'returnMean'
  | 'episodicReturn'
  | 'solvedAt'
  | 'notFinite'
>

export function curveRow(row: AgentRow): CurveRow {
  const { agent, seed, iteration, timesteps, status, episodes, returnMean, episodicReturn, solvedAt, notFinite } = row
  return { agent, seed, iteration, timesteps, status, episodes, returnMean, episodicReturn, solvedAt, notFinite }
}

/** As `MetricsRow.situations`: the ratio against the clip range, for advantages from 0, then below. */
const SITUATION_COLUMNS = ['below', 'inside', 'above', 'belowNegative', 'insideNegative', 'aboveNegative'].map(
  (s) => `ratio_${s}`,
)

const PLAIN_NAMES = METRIC_NAMES.filter((name) => name !== 'situations' && name !== 'notFinite')

/** The fields of a row, in order, with separate columns for the entries of lists and records. */
export function flatten(row: AgentRow): Record<string, unknown> {
  const { agent, seed, situations, notFinite, own = {} } = row
  const flat: Record<string, unknown> = { agent, seed }
  for (const name of PLAIN_NAMES) flat[name] = row[name]
  SITUATION_COLUMNS.forEach((column, i) => {
    flat[column] = situations[i]
  })
  for (const [name, value] of Object.entries(own)) flat[`own.${name}`] = value
  flat.notFinite = notFinite ? `${notFinite.buffer}[step ${notFinite.step}, env ${notFinite.env}]` : null
  return flat
}

/**
 * One cell. Text that a spreadsheet would run as a formula gets a leading apostrophe, also with the full-width signs of
 * East Asian fonts; commas, quotes and line ends are quoted; control characters are escaped, because the file is shown
 * in terminals; null is empty.
 */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = plain(String(value))
  const tame = /^\s*[=+\-@|＝＋－＠]|^[\t\n]/.test(text) ? `'${text}` : text
  return /[",\n']/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame
}

export const csvLine = (cells: unknown[]): string => `${cells.map(csvCell).join(',')}\n`
