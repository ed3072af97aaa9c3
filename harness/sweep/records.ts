/** What a sweep knows: the steps that wait, those in work, and the results. In memory; the folder has it all. */
import { isSameFingerprint } from '../../src/sweep/fingerprint'
import type { FileRef, Fingerprint, Trial, TrialResult } from '../../src/sweep/types'
import { UsageError } from '../cli/errors'
import type { FinalScheduler } from './finals'
import type { Kept, Recorded } from './folder'
import { type RankedTrial, rankTrials } from './ranking'
import type { Step } from './scheduler'
import { makeWaiting } from './waiting'

export interface Records {
  /** Recorded results, in order. */
  readonly results: readonly Kept[]
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
  replay(results: Iterable<Recorded>, draws: ReadonlySet<number>): void
  /** Asks the scheduler for all that may begin. @returns Whether there was anything. */
  draw(): boolean
  /** At most `most` steps that wait, of one rung and one shape; the highest rung first. */
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

/**
 * @param trialOf Trials of the search and finalists' runs.
 * @param shapeOf Equal for trials that can be trained side by side.
 */
export function makeRecords(
  scheduler: FinalScheduler,
  trialOf: (trial: number) => Trial,
  shapeOf: (trial: number) => number,
): Records {
  const { rungs } = scheduler
  const keyOf = ({ trial, rung }: Step): number => trial * (rungs + 1) + rung
  const results: Kept[] = []
  let best: RankedTrial | null = null
  const byStep = new Map<number, Kept>()
  const open = new Set<number>()
  const waiting = makeWaiting(rungs + 1, shapeOf)
  const fingerprints: Fingerprint[] = []
  /** Of each rung: trials whose checkpoint is there, and may be needed. */
  const kept = Array.from({ length: rungs + 1 }, () => new Set<number>())
  /** Whether all that `kept` still has of the rung goes on. */
  const isOver = kept.map(() => false)
  let forgotten: string[] = []

  const draw = () => {
    const steps = scheduler.next(Number.MAX_SAFE_INTEGER)
    for (const step of steps) {
      open.add(keyOf(step))
      waiting.add(step)
    }
    return steps.length > 0
  }

  const sharedFingerprint = (given: Fingerprint): Fingerprint => {
    const there = fingerprints.find((one) => isSameFingerprint(one, given))
    if (!there) fingerprints.push(given)
    return there ?? given
  }

  const add = ({ trial, rung, seed, timesteps, score, status, seconds, other, mixed, ...row }: Recorded) => {
    scheduler.record({ trial, rung }, score)
    open.delete(keyOf({ trial, rung }))
    waiting.remove({ trial, rung })
    const { fingerprint, checkpoint, policy, weightsHash } = row
    const one: Kept = {
      ...{ trial, rung, seed, timesteps, score, status, seconds, other, mixed, checkpoint, policy },
      values: trialOf(trial).values,
      fingerprint: sharedFingerprint(fingerprint),
      weightsHash: rung === rungs ? weightsHash : null,
    }
    byStep.set(keyOf(one), one)
    results.push(one)
    best = bestWith(one)
    if (checkpoint) kept[rung].add(trial)
    if (rung > 0) forget({ trial, rung: rung - 1 })
  }

  /** All results are sorted only after the best trial has met a number that is not finite. */
  const bestWith = (row: Kept): RankedTrial | null => {
    if (row.rung >= rungs) return best
    if (row.score === null && row.trial !== best?.trial) return best
    const before = best && byStep.get(keyOf(best))
    const among = row.score === null ? results : before ? [before, row] : [row]
    return rankTrials(among, rungs).find(({ score }) => score !== null) ?? null
  }

  const forget = (step: Step) => {
    if (!kept[step.rung].delete(step.trial)) return
    const row = byStep.get(keyOf(step))!
    forgotten.push(row.checkpoint!.name)
    row.checkpoint = null
  }

  /** A trial of a finished rung that was not promoted is at its end; so is every trial at the end of the sweep. */
  const forgetRungs = (asha: boolean) => {
    const counts = scheduler.counts()
    for (let rung = 0; rung < rungs - 1; rung++) {
      const [one, next] = [counts[rung], counts[rung + 1]]
      if (!scheduler.done && (asha || isOver[rung] || one.done < one.planned || next.given < next.planned)) continue
      isOver[rung] = true
      for (const trial of kept[rung]) if (!open.has(keyOf({ trial, rung: rung + 1 }))) forget({ trial, rung })
    }
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
    take: waiting.take,
    submitted(steps) {
      for (const step of steps) waiting.remove(step)
    },
    isWaiting: waiting.has,
    isOpen: (step) => open.has(keyOf(step)),
    has: (step) => byStep.has(keyOf(step)),
    record({ version: _version, sweep: _sweep, ticket: _ticket, ...result }) {
      const { seed, values } = trialOf(result.trial)
      const other = !isSameFingerprint(results[0]?.fingerprint ?? result.fingerprint, result.fingerprint)
      const { trial, rung } = result
      const before = rung > 0 ? byStep.get(keyOf({ trial, rung: rung - 1 })) : undefined
      const mixed =
        result.mixed ||
        (before !== undefined && (before.mixed || !isSameFingerprint(before.fingerprint, result.fingerprint)))
      const row = { ...result, mixed, seed, values, other }
      add(row)
      return row
    },
    checkpointOf: (trial, rung) => byStep.get(keyOf({ trial, rung }))?.checkpoint ?? null,
    forgettable(asha) {
      forgetRungs(asha)
      const names = forgotten
      forgotten = []
      return names
    },
  }
}
