/** The batches that the coordinator has handed out, and which result belongs to which. */
import { resultKey, resultProof } from '../../src/nats/names'
import { readResult } from '../../src/sweep/check'
import type { Batch, TrialResult } from '../../src/sweep/types'

/** A batch without all its results. */
export interface OpenBatch {
  batch: Batch
  /** Trials without a result. */
  left: Set<number>
  /** When it was put into the queue, in milliseconds; 0: it has to be, again. */
  queuedAt: number
}

export interface Book {
  keyOf(batch: Batch, trial: number): string
  add(batch: Batch): OpenBatch
  /** Whose result is under this key: an open batch, `done` for one that has its result, or null for nobody's. */
  find(key: string): { open: OpenBatch; trial: number } | 'done' | null
  close(key: string): void
  /** Batches that are not in the queue any more, as far as we know. */
  overdue(before: number): OpenBatch[]
}

export function makeBook(): Book {
  const keys = new Map<string, { open: OpenBatch; trial: number }>()
  const done = new Set<string>()
  const open = new Set<OpenBatch>()
  const keyOf = ({ sweep, ticket }: Batch, trial: number) => resultKey(sweep, ticket, trial)
  return {
    keyOf,
    add(batch) {
      const entry: OpenBatch = { batch, left: new Set(batch.members.map(({ trial }) => trial)), queuedAt: 0 }
      for (const trial of entry.left) keys.set(keyOf(batch, trial), { open: entry, trial })
      open.add(entry)
      return entry
    },
    find: (key) => keys.get(key) ?? (done.has(key) ? 'done' : null),
    close(key) {
      const found = keys.get(key)
      if (!found) return
      keys.delete(key)
      done.add(key)
      found.open.left.delete(found.trial)
      if (found.open.left.size === 0) open.delete(found.open)
    },
    overdue: (before) => [...open].filter(({ queuedAt }) => queuedAt < before),
  }
}

/**
 * The result of a trial of a batch, as it was sent.
 * @throws Error for anything else; its message follows on "result of trial 7 ...: ".
 */
export function readSent(data: Uint8Array, { batch }: OpenBatch, trial: number): TrialResult {
  const result = readResult(new TextDecoder('utf-8', { fatal: true }).decode(data))
  const { sweep, id, rung, ticket } = batch
  const wanted = { sweep, batch: id, trial, rung, ticket: resultProof(ticket, trial) }
  for (const [field, value] of Object.entries(wanted)) {
    const got = result[field as keyof TrialResult]
    if (got !== value) throw new Error(`${field} is ${JSON.stringify(got)} instead of ${JSON.stringify(value)}`)
  }
  return { ...result, ticket }
}

/** The files that a result must have, and has. @throws Error */
export function filesOf({ status, checkpoint, policy }: TrialResult, { keep }: Batch): { name: string }[] {
  const isKept = status === 'running' || status === 'finished'
  if (keep.checkpoint && isKept && checkpoint === null) throw new Error('it has no checkpoint, which was asked for')
  if (keep.policy && isKept && policy === null) throw new Error('it has no policy, which was asked for')
  return [checkpoint, policy].filter((ref) => ref !== null)
}
