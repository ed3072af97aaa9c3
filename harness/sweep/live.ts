/** What a sweep shows while it runs: the same text on a terminal and on a page. */
import type { WorkerStatus } from '../../src/sweep/types'
import { count, plain, table } from '../cli/output'
import { type RankedTrial, valuesText } from './ranking'

export interface LiveState {
  env: string
  sweep: string
  /** Rungs of the search; one more with finalists. */
  rungs: number
  counts: { given: number; done: number; planned: number }[]
  best: RankedTrial | null
  workers: WorkerStatus[]
  duplicates: number
  refused: number
  seconds: number
}

export interface LiveTable {
  title: string
  /** In short: one line. */
  line: string
  /** Tables, the first row is the head. */
  tables: string[][][]
  notes: string[]
}

export function liveTable(state: LiveState): LiveTable {
  const { env, sweep, counts, best, workers, seconds } = state
  const [done, planned] = (['done', 'planned'] as const).map((key) => counts.reduce((sum, rung) => sum + rung[key], 0))
  const sps = workers.reduce((sum, worker) => sum + worker.sps, 0)
  const bestText = best
    ? `best ${count(best.score, 1)} in rung ${best.rung + 1} (trial ${best.trial}: ${valuesText(best.values)})`
    : 'no score yet'
  const again = state.duplicates > 0 ? `, ${count(state.duplicates)} came twice` : ''
  const workersText = `${count(workers.length)} worker${workers.length === 1 ? '' : 's'}`
  return {
    title: `Sweep ${sweep.slice(0, 8)} of ${env}, ${clock(seconds)}: ${count(done)} of ${count(planned)} results`,
    line: `${count(done)} / ${count(planned)} results  ${bestText}  ${count(sps)} steps/s  ${workersText}  ${count(state.refused)} refused`,
    tables: [rungTable(state), workerTable(workers)],
    notes: [
      `${bestText[0].toUpperCase()}${bestText.slice(1)}.`,
      `${count(sps)} steps/s over ${workersText}. ${count(state.refused)} refused${again}.`,
    ],
  }
}

function rungTable({ counts, rungs }: LiveState): string[][] {
  const rows = counts.map(({ given, done, planned }, rung) => [
    rung < rungs ? `rung ${rung + 1}` : 'finalists',
    count(done),
    count(given - done),
    count(planned),
  ])
  return [['', 'results', 'begun or next', 'of'], ...rows]
}

/** Workers of the same adapter and kind in one row. */
function workerTable(workers: WorkerStatus[]): string[][] {
  const groups = new Map<string, WorkerStatus[]>()
  for (const worker of workers) {
    const key = `${worker.fingerprint.adapter}\n${worker.kind}`
    groups.set(key, [...(groups.get(key) ?? []), worker])
  }
  const sum = (group: WorkerStatus[], key: 'sps' | 'trials' | 'given') =>
    count(group.reduce((all, one) => all + one[key], 0))
  const rows = [...groups.values()].map((group) => [
    plain(group[0].fingerprint.adapter).slice(0, 60),
    group[0].kind,
    count(group.length),
    sum(group, 'trials'),
    sum(group, 'given'),
    sum(group, 'sps'),
  ])
  return [['adapter', 'kind', 'workers', 'trials now', 'given', 'steps/s'], ...rows]
}

const clock = (seconds: number): string => {
  const all = Math.floor(seconds)
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60].map((n) => String(n).padStart(2, '0'))
  return h === '00' ? `${m}:${s}` : `${h}:${m}:${s}`
}

export const liveLines = ({ title, tables, notes }: LiveTable): string[] => [
  title,
  ...tables.filter((rows) => rows.length > 1).flatMap((rows) => table(rows).split('\n')),
  ...notes,
]
