/** The last stage of a sweep: the best trials are trained again, each over seeds that the search did not use. */
import type { Trial } from '../../src/sweep/types'
import type { Scheduler, Step } from './scheduler'

export interface Finals {
  /** Number of the trials of the search: the finalists' runs are numbered from there. */
  trials: number
  /** How many of the best trials. */
  finalists: number
  /** Runs of each. */
  seeds: number
}

export interface FinalScheduler extends Scheduler {
  /** The finalists, best first; null while the search is not over. */
  finalists(): number[] | null
}

/**
 * `search`, and behind it one more rung with the finalists' runs: those of the k-th finalist are the trials from
 * `trials + k * seeds`. Finalists came furthest; of those the ones with the largest scores; of equal ones the first trial.
 */
export function withFinals(search: Scheduler, { trials, finalists, seeds }: Finals): FinalScheduler {
  /** The rung of each trial's latest result, if that has a score, else -1; and that score. */
  const reached = new Int8Array(trials).fill(-1)
  const scores = new Float64Array(trials)
  let best: number[] | null = null
  let waiting: Step[] = []
  const open = new Set<number>()
  let given = 0
  let ended = 0
  const choose = () => {
    if (best || !search.done) return
    best = []
    for (let rung = search.rungs - 1; rung >= 0 && best.length < finalists; rung--) {
      const there: number[] = []
      for (let trial = 0; trial < trials; trial++) if (reached[trial] === rung) there.push(trial)
      there.sort((a, b) => scores[b] - scores[a] || a - b)
      best = best.concat(there.slice(0, finalists - best.length))
    }
    waiting = Array.from({ length: best.length * seeds }, (_, i) => ({ trial: trials + i, rung: search.rungs }))
  }
  return {
    rungs: search.rungs,
    next(most) {
      choose()
      const steps = search.done ? waiting.splice(0, most) : search.next(most)
      if (search.done) {
        given += steps.length
        for (const { trial } of steps) open.add(trial)
      }
      return steps
    },
    record(step, score) {
      if (step.rung < search.rungs) {
        search.record(step, score)
        reached[step.trial] = score === null ? -1 : step.rung
        scores[step.trial] = score ?? 0
        return choose()
      }
      if (!open.delete(step.trial)) throw new Error(`trial ${step.trial}, rung ${step.rung}: is not open.`)
      ended++
    },
    get done() {
      choose()
      return search.done && ended === best!.length * seeds
    },
    counts() {
      const planned = (best?.length ?? Math.min(finalists, trials)) * seeds
      return [...search.counts(), ...(finalists > 0 ? [{ given, done: ended, planned }] : [])]
    },
    finalists: () => best,
  }
}

/**
 * The finalists' runs: values of the finalist, and seeds after those of the search, the same for each finalist.
 * @param seed The first one.
 */
export const finalTrials = (finalists: Trial[], { trials, seeds }: Finals, seed: number): Trial[] =>
  finalists.flatMap(({ values }, k) =>
    Array.from({ length: seeds }, (_, j) => ({ id: trials + k * seeds + j, seed: (seed + j) >>> 0, values })),
  )
