/** What a sweep knows: the steps that wait, those in work, and the results. In memory; the folder has it all. */
import { isSameFingerprint } from '../../src/sweep/fingerprint'
import type { FileRef, Trial, TrialResult } from '../../src/sweep/types'
import { UsageError } from '../cli/errors'
import type { FinalScheduler } from './finals'
import type { Recorded } from './folder'
import { type RankedTrial, rankTrials } from './ranking'
import type { Step } from './scheduler'

export interface Records {
  /** Recorded results, in order. */
  readonly results: readonly Recorded[]
  /** Of the search: who came furthest, and of these the largest score. */
  readonly best: RankedTrial | null
  /** Steps that may begin and have not been handed out, and steps that are in work. */
  readonly waiting: number
  readonly inWork: number
  /**
   * The results of earlier sessions, in order.
   * @param draws Numbers of results after which the scheduler was asked for steps.
   * @throws Error if it would not have given the step of one.
   */
  replay(results: readonly Recorded[], draws: ReadonlySet<number>): void
  /** Asks the scheduler for all that may begin. @returns Whether there was anything. */
  draw(): boolean
  /** At most `most` steps that wait; the highest rung first. */
  take(most: number): Step[]
  submitted(steps: Step[]): void
  isWaiting(step: Step): boolean
  /** Whether it was given and has no result. */
  isOpen(step: Step): boolean
  has(step: Step): boolean
  record(result: TrialResult): Recorded
  checkpointOf(trial: number, rung: number): FileRef | null
  /** Names of checkpoints that no trial needs any more; each once. @param asha Any trial may still be promoted. */
  forgettable(asha: boolean): string[]
}

const keyOf = ({ trial, rung }: Step): string => `${trial} ${rung}`

/** @param trialOf Trials of the search and finalists' runs. */
export function makeRecords(scheduler: FinalScheduler, trialOf: (trial: number) => Trial): Records {
  const results: Recorded[] = []
  let best: RankedTrial | null = null
  const byStep = new Map<string, Recorded>()
  const open = new Set<string>()
  const waiting = new Set<string>()
  /** Of each rung, in the order in which they were given; some may have been handed out meanwhile. */
  const queues: Step[][] = Array.from({ length: scheduler.rungs + 1 }, () => [])
  const kept = new Map<string, Recorded>()

  const draw = () => {
    const steps = scheduler.next(Number.MAX_SAFE_INTEGER)
    for (const step of steps) {
      open.add(keyOf(step))
      waiting.add(keyOf(step))
      queues[step.rung].push(step)
    }
    return steps.length > 0
  }

  const add = (row: Recorded) => {
    scheduler.record({ trial: row.trial, rung: row.rung }, row.score)
    const key = keyOf(row)
    open.delete(key)
    waiting.delete(key)
    byStep.set(key, row)
    results.push(row)
    best = bestWith(row)
    if (row.checkpoint) kept.set(key, row)
  }

  /** All results are sorted only after the best trial has met a number that is not finite. */
  const bestWith = (row: Recorded): RankedTrial | null => {
    if (row.rung >= scheduler.rungs) return best
    if (row.score === null && row.trial !== best?.trial) return best
    const before = best && byStep.get(keyOf(best))
    const among = row.score === null ? results : before ? [before, row] : [row]
    return rankTrials(among, scheduler.rungs).find(({ score }) => score !== null) ?? null
  }

  /** A trial of a finished rung that was not promoted is at its end; so is every trial at the end of the sweep. */
  const isNeeded = ({ trial, rung }: Step, asha: boolean): boolean => {
    if (scheduler.done) return false
    const next = { trial, rung: rung + 1 }
    if (byStep.has(keyOf(next))) return false
    if (open.has(keyOf(next)) || asha) return true
    const counts = scheduler.counts()
    const { done, planned } = counts[rung]
    return done < planned || counts[rung + 1].given < counts[rung + 1].planned
  }

  return {
    results,
    get best() {
      return best
    },
    get waiting() {
      return waiting.size
    },
    get inWork() {
      return open.size - waiting.size
    },
    draw,
    replay(rows, draws) {
      for (const row of rows) {
        if (draws.has(results.length) || !open.has(keyOf(row))) draw()
        if (open.has(keyOf(row))) add(row)
        else
          throw new UsageError(
            `results.jsonl: trial ${row.trial} was not given in rung ${row.rung}, or has two results. Restore the file, or begin again in another folder.`,
          )
      }
    },
    take(most) {
      const steps: Step[] = []
      for (const queue of queues.toReversed()) {
        while (queue.length > 0 && steps.length < most) {
          const step = queue.shift()!
          if (waiting.has(keyOf(step))) steps.push(step)
        }
      }
      return steps
    },
    submitted(steps) {
      for (const step of steps) waiting.delete(keyOf(step))
    },
    isWaiting: (step) => waiting.has(keyOf(step)),
    isOpen: (step) => open.has(keyOf(step)),
    has: (step) => byStep.has(keyOf(step)),
    record({ version: _version, sweep: _sweep, ticket: _ticket, ...result }) {
      const { seed, values } = trialOf(result.trial)
      const other = !isSameFingerprint(results[0]?.fingerprint ?? result.fingerprint, result.fingerprint)
      const before = byStep.get(keyOf({ trial: result.trial, rung: result.rung - 1 }))
      const mixed =
        result.mixed ||
        (before !== undefined && (before.mixed || !isSameFingerprint(before.fingerprint, result.fingerprint)))
      const row = { ...result, mixed, seed, values, other }
      add(row)
      return row
    },
    checkpointOf: (trial, rung) => byStep.get(keyOf({ trial, rung }))?.checkpoint ?? null,
    forgettable(asha) {
      const names: string[] = []
      for (const [key, row] of kept) {
        if (isNeeded(row, asha)) continue
        kept.delete(key)
        names.push(row.checkpoint!.name)
      }
      return names
    },
  }
}
