/** Rows of metrics that were recorded: test/unit/rows. */
import { readFileSync } from 'node:fs'
import type { MetricsRow } from '../../src/metrics'

/** @param batchSize Timesteps of an iteration. */
export function recordedRows(name: string, batchSize: number): MetricsRow[] {
  const text = readFileSync(new URL(`../unit/rows/${name}.csv`, import.meta.url), 'utf8')
  const [head, ...lines] = text.trim().split('\n')
  const keys = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',').map((cell, i): [string, number | string | null] => {
      if (keys[i] === 'status') return [keys[i], cell]
      return [keys[i], cell === '' ? null : Number(cell)]
    })
    const row = Object.fromEntries(cells) as unknown as MetricsRow
    return { ...row, timesteps: row.iteration * batchSize }
  })
}
