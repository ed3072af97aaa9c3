/** What a command that trains tells besides its folder: rows on stdout, and metrics of the user. */

import type { MetricsRow } from '../../src/metrics'
import { show } from '../../src/options/show'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { loadModule } from './load'

export const LOG_FLAG: Flag = {
  value: 'jsonl',
  help: 'Print every row as a line of JSON on stdout, as in metrics.jsonl; the last line is the result, as with --json.',
}
export const METRICS_FLAG: Flag = {
  value: 'FILE',
  help: 'A module that exports metrics: { name: (row, agent) => number or null }, in TypeScript or JavaScript; they are own of each row.',
}

/** @throws UsageError for anything but `jsonl`. */
export function readLog(given: Given): boolean {
  const kind = given.text('log')
  if (kind === undefined || kind === 'jsonl') return kind === 'jsonl'
  throw new UsageError(`--log: ${JSON.stringify(kind)} is unknown. Write --log jsonl.`)
}

export type OwnMetrics = Record<string, (row: MetricsRow, agent: number) => number | null>

/** @throws UsageError if the module has none. */
export async function readMetrics(given: Given): Promise<OwnMetrics | undefined> {
  const file = given.text('metrics')
  if (file === undefined) return undefined
  const module = await loadModule(file)
  if (typeof module.metrics === 'object' && module.metrics !== null) return module.metrics as OwnMetrics
  if (module.metrics !== undefined)
    throw new UsageError(
      `--metrics: ${file}: metrics is ${show(module.metrics)}, not { name: (row) => number }. Mend it.`,
    )
  const names = Object.keys(module).join(', ') || 'nothing'
  throw new UsageError(
    `--metrics: ${file} exports ${names}, not metrics. Export const metrics = { name: (row) => number }.`,
  )
}
