/** The folder that a training run leaves behind. */
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CHECKPOINT_FILE, listCheckpoints, writeCheckpoint } from './checkpoints'
import type { AgentRow, CurveRow } from './csv'
import { type DiskWatch, makeFolder, removeTemporary, writeWhole } from './disk'
import { UsageError } from './errors'
import { openRows, type RowFiles, reopenRows } from './rows'
import { removeEvents } from './tensorboard/log'

const OURS =
  /^(config|facts|result|learn)\.json$|^metrics\.(jsonl|csv)$|^policy(-\d+)?\.(safetensors|onnx)$|^not-finite-\d+(-agent-\d+)?\.safetensors$|^learning-curve\.svg$/

/** While the run goes on, nothing here throws for a disk that refuses: `watch` warns. */
export interface RunDir {
  path: string
  watch: DiskWatch
  json(name: 'config' | 'facts' | 'result', value: object): void
  /** Keeps a row of metrics.jsonl and metrics.csv for the next `flush`. */
  row(row: AgentRow): void
  flush(): void
  /** Writes a checkpoint, with the rows before it. */
  checkpoint(bytes: Uint8Array): void
  file(name: string, content: string | Uint8Array): void
  close(): void
}

/** `runs/CartPole-v1-s1-20260131-235959`, whatever the environment is called: always one folder in `runs`. */
export function defaultRunPath(env: string, seed: number, now = new Date()): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return join('runs', `${safeName(env)}-s${seed}-${stamp}`)
}

/** Letters, digits, dots, hyphens and underscores; no dot or hyphen in front; never empty, and short. */
const safeName = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[.-]+/, '')
    .slice(0, 80) || 'run'

/**
 * Makes the folder, and removes what an earlier run left in it, so that no file of one run stands beside another's.
 * @throws UsageError when it cannot be written.
 */
export function openRunDir(given: string, watch: DiskWatch): RunDir {
  const path = resolve(given)
  return opened('--out', path, () => {
    makeFolder(path)
    accessSync(path, constants.W_OK)
    for (const name of readdirSync(path)) if (OURS.test(name) || CHECKPOINT_FILE.test(name)) rmSync(join(path, name))
    removeTemporary(path)
    removeEvents(path)
    return runDir(path, openRows(path, watch), watch)
  })
}

export interface ReopenedRun {
  dir: RunDir
  /** Those of the iterations before, [agent][iteration]. */
  rows: CurveRow[][]
}

/**
 * Opens the folder of a run that goes on after `iteration`: later rows and checkpoints are removed, for they come again.
 * @throws UsageError when it cannot be written.
 */
export function reopenRunDir(path: string, iteration: number, numAgents: number, watch: DiskWatch): ReopenedRun {
  return opened('--resume', path, () => {
    accessSync(path, constants.W_OK)
    removeTemporary(path)
    const { files, rows, problem } = reopenRows(path, iteration, numAgents, watch)
    if (problem) watch.warn(problem)
    for (const later of listCheckpoints(path).filter((file) => file.iteration > iteration)) rmSync(later.path)
    return { dir: runDir(path, files, watch), rows }
  })
}

function opened<T>(flag: string, path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    throw new UsageError(
      `${flag}: cannot write to ${path} (${(error as Error).message}). Name a folder that can be written.`,
    )
  }
}

function runDir(path: string, rows: RowFiles, watch: DiskWatch): RunDir {
  const file = (name: string, content: string | Uint8Array) =>
    void watch.attempt(name, () => writeWhole(join(path, name), content))
  return {
    path,
    watch,
    file,
    json: (name, value) => file(`${name}.json`, `${JSON.stringify(value, null, 2)}\n`),
    row: rows.add,
    flush: rows.flush,
    checkpoint(bytes) {
      rows.sync()
      writeCheckpoint(path, bytes, watch)
    },
    close: rows.close,
  }
}

/** A JSON file of a run's folder; empty when it is missing or damaged. */
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
