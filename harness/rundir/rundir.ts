/** The folder of a training run. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type DiskWatch, writeWhole } from '../disk/disk'
import type { AgentRow, CurveRow } from '../figures/csv'
import { listCheckpoints, writeCheckpoint } from './checkpoints'
import { removeRunFiles, removeTemporary } from './files'
import { type ClaimedFolder, opened } from './place'
import type { Resumed } from './resumed'
import { openRows, type RowFiles, reopenRows } from './rows'

/** During the run, no file system error is thrown here: `watch` warns. */
export interface RunDir {
  path: string
  watch: DiskWatch
  json(name: 'config' | 'facts' | 'result', value: object): void
  /** Adds a row to metrics.jsonl and metrics.csv for the next `flush`. */
  row(row: AgentRow): void
  /** Whether a new run has no row yet. */
  isEmpty(): boolean
  flush(): void
  /** Writes a checkpoint, with the rows before it. */
  checkpoint(bytes: Uint8Array): void
  file(name: string, content: string | Uint8Array): void
  close(): void
  /** Removes everything that was written, for a run without results. */
  discard(): void
}

/** Creates the files of a new run, after removing those of a replaced run. */
export function openRunDir(folder: ClaimedFolder, watch: DiskWatch): RunDir {
  const { path } = folder
  return opened('--out', path, () => {
    if (folder.replaced) removeRunFiles(path)
    return runDir(folder, openRows(path, watch), watch)
  })
}

export interface ReopenedRun {
  dir: RunDir
  /** Rows of the iterations before, [agent][iteration]. */
  rows: CurveRow[][]
}

/**
 * Opens the folder of a run that continues from a checkpoint: later rows and checkpoints are removed, because they are
 * computed again.
 * @throws UsageError if it cannot be written.
 */
export function reopenRunDir(
  folder: ClaimedFolder,
  { standing, file }: Pick<Resumed, 'standing' | 'file'>,
  watch: DiskWatch,
): ReopenedRun {
  const { path } = folder
  return opened('--resume', path, () => {
    removeTemporary(path)
    const { files, rows, problem } = reopenRows(path, standing, watch)
    if (problem) watch.warn(problem)
    for (const later of listCheckpoints(path).filter(({ iteration }) => iteration > file.iteration)) rmSync(later.path)
    return { dir: runDir(folder, files, watch), rows }
  })
}

function runDir(folder: ClaimedFolder, rows: RowFiles, watch: DiskWatch): RunDir {
  const { path } = folder
  let empty = true
  const file = (name: string, content: string | Uint8Array) =>
    void watch.attempt(name, () => writeWhole(join(path, name), content))
  return {
    path,
    watch,
    file,
    json: (name, value) => file(`${name}.json`, `${JSON.stringify(value, null, 2)}\n`),
    row(row) {
      empty = false
      rows.add(row)
    },
    isEmpty: () => empty,
    flush: rows.flush,
    checkpoint(bytes) {
      rows.sync()
      writeCheckpoint(path, bytes, watch)
    },
    close() {
      rows.close()
      folder.release()
    },
    discard() {
      rows.close()
      watch.attempt('removing what was begun', () => removeRunFiles(path))
      folder.release()
    },
  }
}

/** The learning curve, written last. */
export function writeCurve({ watch, file }: RunDir, draw: () => string): void {
  const name = 'learning-curve.svg'
  const picture = watch.decorate(name, draw)
  if (picture !== undefined) file(name, picture)
}

/** A JSON file of a run's folder; empty if it is missing or damaged. */
export function readRunJson(folder: string, name: 'config' | 'facts' | 'result'): Record<string, unknown> {
  const path = join(folder, `${name}.json`)
  if (!existsSync(path)) return {}
  try {
    const value = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}

/** SHA-256 of the parameters' bytes, as they are in memory (little-endian). */
export const weightsHash = (params: Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(params.buffer, params.byteOffset, params.byteLength))
    .digest('hex')
