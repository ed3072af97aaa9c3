/** The folder of a sweep: its definition, its results, and what an interrupted one needs to go on. */
import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrialResult, TrialValue } from '../../src/sweep/types'
import { UsageError } from '../cli/errors'
import { linesOfJson } from '../cli/output'
import { makeFolder, writeWhole } from '../disk/disk'
import { claimFolder } from '../rundir/claim'
import { listRunFiles } from '../rundir/files'
import { opened } from '../rundir/place'
import { type Definition, sweepId } from './definition'
import { openLines } from './lines'
import type { Step } from './scheduler'

/** A line of results.jsonl. */
export interface Recorded extends Omit<TrialResult, 'version' | 'sweep' | 'ticket'> {
  seed: number
  values: Record<string, TrialValue>
  /** Whether it was computed with another fingerprint than the first result: the same bits are not promised. */
  other: boolean
}

/**
 * What stays in memory of a result. Its curve is the most of it, and only in the folder: a million trials would not
 * fit. `weightsHash` is kept of the finalists' runs, `checkpoint` until no trial needs it any more.
 */
export type Kept = Omit<Recorded, 'batch' | 'curve' | 'error'>

/** A batch that was handed out. */
export interface Handed {
  id: string
  rung: number
  trials: number[]
}

/** After so many results the scheduler was asked for steps; asked at other times it might have promoted others. */
interface Drawn {
  drawnAfter: number
}

export interface SweepFolder {
  path: string
  /**
   * Lines of the sessions before, in the order in which they came, read as they are asked for.
   * @throws UsageError for one that is none.
   */
  results: Iterable<Recorded>
  batches: Handed[]
  draws: ReadonlySet<number>
  /** Adds a line; it is on the disk after `sync`. */
  addResult(result: Recorded): void
  addBatch(batch: Handed): void
  addDraw(results: number): void
  sync(): void
  /** 32 hexadecimal digits, which need the folder's secret. */
  ticket(batch: string): string
  /** Writes a whole file. */
  file(name: string, content: string | Uint8Array): void
  close(): void
}

export const FILES = 'files'
const SECRET_BYTES = 32
const OURS = ['sweep.json', 'results.jsonl', 'batches.jsonl', 'secret']

/**
 * Creates the folder of a sweep, or opens that of the same sweep, and locks it.
 * @throws UsageError if it holds something else, if another process has it, or if it cannot be written.
 */
export function openSweepFolder(path: string, definition: Definition): SweepFolder {
  refuseOther(path, definition)
  return opened('--out', path, () => {
    makeFolder(path)
    const claim = claimFolder('--out', path)
    try {
      refuseOther(path, definition) // another process may have written it meanwhile
      const first = join(path, 'sweep.json')
      if (!existsSync(first)) writeWhole(first, linesOfJson({ sweep: sweepId(definition), ...definition }))
      const results = openLines<Recorded>(path, 'results.jsonl', isRecorded)
      const batches = openLines<Handed | Drawn>(path, 'batches.jsonl', isHanded)
      const handed = [...batches.lines]
      const secret = secretOf(join(path, 'secret'))
      return {
        path,
        results: results.lines,
        batches: handed.filter((line) => 'id' in line),
        draws: new Set(handed.flatMap((line) => ('id' in line ? [] : line.drawnAfter))),
        addResult: results.add,
        addBatch: batches.add,
        addDraw: (drawnAfter) => batches.add({ drawnAfter }),
        sync() {
          results.sync()
          batches.sync()
        },
        ticket: (batch) => createHmac('sha256', secret).update(batch).digest('hex').slice(0, 32),
        file: (name, content) => writeWhole(join(path, name), content),
        close() {
          results.close()
          batches.close()
          claim.release()
        },
      }
    } catch (error) {
      claim.release()
      throw error
    }
  })
}

function refuseOther(path: string, definition: Definition): void {
  if (!existsSync(path)) return
  const names = opened('--out', path, () => OURS.filter((name) => existsSync(join(path, name))))
  const wanted = sweepId(definition)
  const there = sweepIn(path)
  if (there === wanted) return
  const refuse = (what: string) => new UsageError(`--out: ${path} holds ${what}. Name another folder.`)
  if (there !== null) {
    throw refuse(`another sweep (${there}, not ${wanted}): one of its options differs, or its environment`)
  }
  if (names.length > 0) throw refuse('a sweep whose sweep.json is missing or damaged')
  if (opened('--out', path, () => listRunFiles(path)).length > 0) throw refuse('a training run')
}

/** The sweep that a folder holds; null if that cannot be read. */
function sweepIn(path: string): string | null {
  try {
    const { sweep, ...definition } = JSON.parse(readFileSync(join(path, 'sweep.json'), 'utf8'))
    return sweep === sweepId(definition) ? sweep : null
  } catch {
    return null
  }
}

/** For its owner's eyes only: with it results could be forged. */
function secretOf(path: string): Buffer {
  const there = existsSync(path) ? Buffer.from(readFileSync(path, 'utf8').trim(), 'hex') : null
  if (there?.length === SECRET_BYTES) return there
  const secret = randomBytes(SECRET_BYTES)
  rmSync(path, { force: true })
  writeFileSync(path, `${secret.toString('hex')}\n`, { mode: 0o600, flush: true })
  return secret
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function isRecorded(value: unknown): boolean {
  const { trial, rung, batch, score, status } = (value ?? {}) as Partial<Recorded>
  const isScore = score === null || Number.isFinite(score)
  return isCount(trial) && isCount(rung) && typeof batch === 'string' && isScore && typeof status === 'string'
}

function isHanded(value: unknown): boolean {
  const { id, rung, trials, drawnAfter } = (value ?? {}) as Partial<Handed & Drawn>
  if (id === undefined) return isCount(drawnAfter)
  return typeof id === 'string' && isCount(rung) && Array.isArray(trials) && trials.every(isCount)
}

/** The steps of a batch. */
export const stepsOf = ({ rung, trials }: Handed): Step[] => trials.map((trial) => ({ trial, rung }))
