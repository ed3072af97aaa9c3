/**
 * The coordinator of a sweep: takes steps from the scheduler, hands them to a pool in batches, and records what comes
 * back. All that it knows is in the sweep's folder, from which it goes on after any end.
 */
import { sourceHash } from '../../src/env/source'
import type { Batch, TrialResult, WorkerStatus } from '../../src/sweep/types'
import { plain } from '../cli/output'
import { batchId } from './batchid'
import { type FinalScheduler, type Finals, finalTrials } from './finals'
import { type Handed, type SweepFolder, stepsOf } from './folder'
import type { Plan } from './plan'
import type { OpenPool, Pool } from './pool'
import { makeRecords, type Records } from './records'
import type { Step } from './scheduler'

export interface Sweep {
  id: string
  plan: Plan
  scheduler: FinalScheduler
  finals: Finals & { firstSeed: number }
  folder: SweepFolder
  /** Most agents in a batch. */
  batch: number
  asha: boolean
  say(line: string): void
  /** Results that come until it resolves are recorded before the next batches are made. */
  together?(): Promise<void>
}

/** What a live table shows. */
export interface Progress {
  records: Records
  workers: WorkerStatus[]
  /** Results that came again. */
  duplicates: number
  /** What came and was not taken. */
  refused: number
}

export interface Coordinator {
  progress: Progress
  /**
   * Resolves when every step has its result, or after `signal`.
   * @returns Whether the sweep is over.
   * @throws what the pool failed with.
   */
  run(openPool: OpenPool, signal: AbortSignal, whileOpen?: (pool: Pool) => Promise<void>): Promise<boolean>
}

const TOGETHER_MS = 20
const forTogether = () => new Promise<void>((resolve) => setTimeout(resolve, TOGETHER_MS))

export function makeCoordinator(sweep: Sweep): Coordinator {
  const { id, plan, scheduler, folder, finals, say, together = forTogether } = sweep
  const env = { id: plan.spec.id, hash: sourceHash(plan.spec) }
  const trialOf = (trial: number) => plan.trials[trial] ?? finalists()[trial - plan.trials.length]
  let made: ReturnType<typeof finalTrials> | null = null
  const finalists = () => {
    const best = made ? null : scheduler.finalists()
    if (best)
      made = finalTrials(
        best.map((trial) => plan.trials[trial]),
        finals,
        finals.firstSeed,
      )
    return made ?? []
  }
  const records = makeRecords(scheduler, trialOf, (trial) => plan.shapeOf(trialOf(trial)))
  const handed = new Map(folder.batches.map((batch) => [batch.id, batch]))
  records.replay(folder.results, folder.draws)
  const progress: Progress = { records, workers: [], duplicates: 0, refused: 0 }

  const refuse = (what: string) => {
    progress.refused++
    say(`refused: ${oneLine(what)}`)
  }

  const isFinal = (rung: number) => rung === scheduler.rungs
  const untilOf = ({ trial, rung }: Step) => plan.untils(trialOf(trial))[Math.min(rung, scheduler.rungs - 1)]

  function makeBatch({ id: batch, rung, trials }: Handed): Batch {
    const first = trialOf(trials[0])
    const fromOf = (trial: number) => (rung === 0 || isFinal(rung) ? null : records.checkpointOf(trial, rung - 1))
    return {
      version: 1,
      sweep: id,
      id: batch,
      ticket: folder.ticket(batch),
      env,
      config: plan.configOf(first),
      rung,
      until: untilOf({ trial: trials[0], rung }),
      members: trials.map((trial) => plan.memberOf(trialOf(trial), fromOf(trial))),
      keep: {
        checkpoint: rung < scheduler.rungs - 1,
        policy: isFinal(rung) || (finals.finalists === 0 && rung === scheduler.rungs - 1),
      },
    }
  }

  /** Null if `result` is what was asked for. */
  function whyNot(result: TrialResult): string | null {
    const batch = handed.get(result.batch)
    const what = `result of trial ${result.trial}, rung ${result.rung}`
    if (result.sweep !== id) return `${what} of another sweep, ${result.sweep}`
    if (!batch) return `${what} of batch ${result.batch}, which was not handed out`
    if (result.ticket !== folder.ticket(batch.id)) return `${what} without the ticket of batch ${batch.id}`
    if (result.rung !== batch.rung || !batch.trials.includes(result.trial))
      return `${what}, which is not in batch ${batch.id}`
    if (!records.isOpen(result) && !records.has(result)) return `${what}, which was not begun`
    if (result.score !== null && !goesOn(result)) return `${what} with status ${result.status} and a score`
    const until = untilOf(result)
    if (result.timesteps > until) return `${what} after ${result.timesteps} timesteps, where ${until} were asked for`
    if (goesOn(result) && result.timesteps !== until)
      return `${what} after ${result.timesteps} timesteps in place of ${until}`
    if (goesOn(result) && result.rung < scheduler.rungs - 1 && !result.checkpoint) return `${what} without a checkpoint`
    return null
  }

  return {
    progress,
    async run(openPool, signal, whileOpen = async () => {}) {
      let failed: Error | null = null
      let news = false
      let waker = () => {}
      const wake = () => {
        news = true
        waker()
      }
      const fail = (error: Error) => {
        failed ??= error
        wake()
      }
      const take = (result: TrialResult) => {
        try {
          const why = whyNot(result)
          if (why) return refuse(why)
          if (records.has(result)) {
            progress.duplicates++
            return
          }
          folder.addResult(records.record(result))
          wake()
        } catch (error) {
          fail(error as Error)
        }
      }
      signal.addEventListener('abort', () => wake())
      const pool = await openPool(id, {
        result: take,
        refused: refuse,
        workers: (workers) => {
          progress.workers = workers
        },
        failed: fail,
      })
      let finished = false
      try {
        const hand = handing(pool)
        while (!failed && !signal.aborted) {
          folder.sync()
          // Not waited for: at the end of a large rung there are many.
          void pool.forget(records.forgettable(sweep.asha)).catch(fail)
          await hand()
          if (scheduler.done || failed || signal.aborted) break
          await new Promise<void>((resolve) => {
            waker = resolve
            if (news || failed || signal.aborted) resolve()
          })
          news = false
          await together()
        }
        if (failed) throw failed
        if (!scheduler.done) return false
        await whileOpen(pool)
        await pool.forget(records.forgettable(sweep.asha))
        finished = true
        return true
      } finally {
        folder.sync()
        await pool.close(finished)
      }
    },
  }

  /** Hands out what may begin, as far as the pool has room; first the batches that were handed out before. */
  function handing(pool: Pool): () => Promise<void> {
    let old: Handed[] | null = [...handed.values()]
    const submit = async (batch: Handed) => {
      records.submitted(stepsOf(batch))
      await pool.submit(makeBatch(batch))
    }
    return async () => {
      if (records.draw()) folder.addDraw(records.results.length)
      for (const batch of old ?? []) {
        const trials = batch.trials.filter((trial) => records.isWaiting({ trial, rung: batch.rung }))
        if (trials.length > 0) await submit({ ...batch, trials })
      }
      old = null
      for (;;) {
        const most = Math.min(sweep.batch, pool.room)
        const free = pool.room - records.inWork
        // Small pieces as results come in one by one would leave the machines half empty.
        if (free < Math.min(most, records.waiting)) return
        const steps = records.take(Math.min(free, most))
        if (steps.length === 0) return
        const one = { id: batchId(steps), rung: steps[0].rung, trials: steps.map(({ trial }) => trial) }
        handed.set(one.id, one)
        folder.addBatch(one)
        folder.sync()
        await submit(one)
      }
    }
  }
}

const goesOn = ({ status }: TrialResult): boolean => status === 'running' || status === 'finished'

/** What came from elsewhere, safe to print. */
const oneLine = (text: string): string => plain(text).replace(/\s+/g, ' ').slice(0, 200)
