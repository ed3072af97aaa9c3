/** The folder that a training run leaves behind. */
import { createHash } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type AgentRow, csvLine, flatten } from './csv'
import { UsageError } from './errors'
import { removeEvents } from './tensorboard/log'

const OURS =
  /^(config|facts|result|learn)\.json$|^metrics\.(jsonl|csv)$|^policy(-\d+)?\.(safetensors|onnx)$|^learning-curve\.svg$/

export interface RunDir {
  path: string
  json(name: 'config' | 'facts' | 'result', value: object): void
  /** Appends to metrics.jsonl and metrics.csv. */
  row(row: AgentRow): void
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
export function openRunDir(given: string): RunDir {
  const path = resolve(given)
  let jsonl: number
  let csv: number
  try {
    makeFolder(path)
    accessSync(path, constants.W_OK)
    for (const name of readdirSync(path)) if (OURS.test(name)) rmSync(join(path, name))
    removeEvents(path)
    jsonl = openSync(join(path, 'metrics.jsonl'), 'w')
    csv = openSync(join(path, 'metrics.csv'), 'w')
  } catch (error) {
    throw new UsageError(
      `--out: cannot write to ${path} (${(error as Error).message}). Name a folder that can be written.`,
    )
  }
  let columns: string[] | undefined
  const file = (name: string, content: string | Uint8Array) => writeFileSync(join(path, name), content)
  return {
    path,
    file,
    json: (name, value) => file(`${name}.json`, `${JSON.stringify(value, null, 2)}\n`),
    row(row) {
      writeSync(jsonl, `${JSON.stringify(row)}\n`)
      const flat = flatten(row)
      if (!columns) {
        columns = Object.keys(flat)
        writeSync(csv, csvLine(columns))
      }
      writeSync(csv, csvLine(columns.map((column) => flat[column])))
    },
    close() {
      closeSync(jsonl)
      closeSync(csv)
    },
  }
}

/** Like `mkdir -p`. Node 20's own `recursive` never returns for a folder such as /proc/x. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** SHA-256 of the parameters' bytes, as they are in memory (little-endian). */
export const weightsHash = (params: Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(params.buffer, params.byteOffset, params.byteLength))
    .digest('hex')
