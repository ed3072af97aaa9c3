/** The rows of a run on disk: metrics.jsonl, and the same as metrics.csv. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Appended, openAppended } from '../disk/appended'
import type { DiskWatch } from '../disk/disk'
import { type Edit, editFile } from '../disk/editfile'
import { type AgentRow, type CurveRow, csvLine, curveRow, flatten } from '../figures/csv'
import type { Standing } from './resumed'

export interface RowFiles {
  /** Adds a row for the next `flush`. */
  add(row: AgentRow): void
  flush(): void
  /** Flushes, and waits until all rows are on the disk. */
  sync(): void
  close(): void
}

/** Creates both files. */
export const openRows = (folder: string, watch: DiskWatch): RowFiles =>
  rowFiles(openAppended(join(folder, 'metrics.jsonl'), watch), openCsv(folder, watch))

export interface KeptRows {
  files: RowFiles
  /** [agent][iteration] */
  rows: CurveRow[][]
  /** What is wrong with the rows; null if they are complete. */
  problem: string | null
}

/**
 * Opens both files to continue from the state of each agent: later rows and an incomplete last line are removed, the
 * status of agents that continue is no longer `solved` or `finished`, and metrics.csv is written again from
 * metrics.jsonl.
 */
export function reopenRows(folder: string, standing: readonly Standing[], watch: DiskWatch): KeptRows {
  const path = join(folder, 'metrics.jsonl')
  const exists = statSync(path, { throwIfNoEntry: false }) !== undefined
  const csv = openCsv(folder, watch)
  const rows: CurveRow[][] = standing.map(() => [])
  const edits: Edit[] = []
  let problem: string | null = null
  let end = 0
  let number = 0
  for (const { text, next } of exists ? linesOf(path) : []) {
    if (next === null) break // a killed process may leave part of a line at the end
    number++
    const row = parseRow(text, rows)
    if (!row) {
      problem = `line ${number} is damaged; it and what follows are cut off`
      break
    }
    const { iterations, goesOn } = standing[row.agent]
    if (row.iteration > iterations) break
    if (goesOn && row.status !== 'running') {
      row.status = 'running'
      edits.push({ from: end, to: next, text: `${JSON.stringify(row)}\n` })
    }
    rows[row.agent].push(curveRow(row))
    csv.add(row)
    if (number % 1000 === 0) csv.flush()
    end = next
  }
  csv.flush()
  const short = rows.findIndex((agent, k) => (agent.at(-1)?.iteration ?? 0) < standing[k].iterations)
  if (short >= 0) {
    problem ??= `agent ${short} has ${rows[short].length} rows of ${standing[short].iterations} iterations`
  }
  if (edits.length > 0) end = editFile(path, end, edits)
  const jsonl = openAppended(path, watch, exists ? end : null)
  return {
    files: rowFiles(jsonl, csv),
    rows,
    problem: problem && `${path}: ${problem}. Rows that are missing stay so.`,
  }
}

type Csv = Omit<RowFiles, 'sync'>

const CSV = 'metrics.csv'

/** metrics.jsonl has the same data: the run does not depend on this file. */
function openCsv(folder: string, watch: DiskWatch): Csv {
  let header = ''
  const file = watch.decorate(CSV, () => openAppended(join(folder, CSV), watch, null, () => header))
  return {
    add: (row) =>
      void watch.decorate(CSV, () => {
        const flat = flatten(row)
        if (!header) {
          header = csvLine(Object.keys(flat))
          file?.add(header)
        }
        file?.add(csvLine(Object.values(flat)))
      }),
    flush: () => void watch.decorate(CSV, () => file?.flush()),
    close: () => void watch.decorate(CSV, () => file?.close()),
  }
}

const rowFiles = (jsonl: Appended, csv: Csv): RowFiles => ({
  add(row) {
    jsonl.add(`${JSON.stringify(row)}\n`)
    csv.add(row)
  },
  flush() {
    jsonl.flush()
    csv.flush()
  },
  sync() {
    jsonl.sync()
    csv.flush()
  },
  close() {
    jsonl.close()
    csv.close()
  },
})

const FIELDS: [keyof AgentRow, (value: unknown) => boolean][] = [
  ['seed', Number.isInteger],
  ['iteration', Number.isInteger],
  ['timesteps', Number.isInteger],
  ['episodes', Number.isInteger],
  ['status', (value) => typeof value === 'string'],
  ['returnMean', (value) => value === null || typeof value === 'number'],
  ['episodicReturn', (value) => value === null || typeof value === 'number'],
  ['solvedAt', (value) => value === null || typeof value === 'number'],
  ['situations', (value) => Array.isArray(value) && value.every(Number.isInteger)],
]

/** The next row of its agent; null if the line is anything else. */
function parseRow(text: string, rows: CurveRow[][]): AgentRow | null {
  let row: AgentRow
  try {
    row = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof row !== 'object' || row === null) return null
  if (!FIELDS.every(([field, isRight]) => isRight(row[field]))) return null
  const agent = rows[row.agent]
  return agent && row.iteration === (agent.at(-1)?.iteration ?? 0) + 1 ? row : null
}

const CHUNK = 2 ** 20
const LINE_END = 0x0a

/**
 * The lines of a file that may be larger than memory; `next` is the byte after each, null for a last line without an
 * end.
 */
export function* linesOf(path: string): Generator<{ text: string; next: number | null }> {
  const fd = openSync(path, 'r')
  try {
    let rest = Buffer.alloc(0)
    let begin = 0
    for (;;) {
      const chunk = Buffer.alloc(CHUNK)
      const read = readSync(fd, chunk, 0, CHUNK, begin + rest.length)
      rest = Buffer.concat([rest, chunk.subarray(0, read)])
      let from = 0
      for (let at = rest.indexOf(LINE_END); at >= 0; at = rest.indexOf(LINE_END, from)) {
        yield { text: rest.toString('utf8', from, at), next: begin + at + 1 }
        from = at + 1
      }
      begin += from
      rest = rest.subarray(from)
      if (read > 0) continue
      if (rest.length > 0) yield { text: rest.toString('utf8'), next: null }
      return
    }
  } finally {
    closeSync(fd)
  }
}
