/**
 * Successive halving (Jamieson and Talwalkar 2016): all trials train to the end of a rung; of n the best floor(n / eta)
 * go on, at least one. What goes on depends on the results alone, not on when they come.
 */
import { better, checkStep, createRungs, give, type Halving, notOpen, STATE, take } from './rungs'
import type { Scheduler, Step } from './scheduler'

export function createHalving(trials: number, { eta, rungs: count }: Halving): Scheduler {
  const rungs = createRungs(trials, count)
  /** Trials of each rung that has begun, by id. */
  const members = [Int32Array.from({ length: trials }, (_, trial) => trial)]
  /** Of the latest rung: all before this place are given. */
  let place = 0

  const current = (): number => members.length - 1
  const finished = (): boolean => rungs[current()].done === members[current()].length
  const kept = (n: number): number => Math.max(1, Math.floor(n / eta))
  /** Past the barrier at the end of a rung, if all its results are there. */
  const goOn = (): void => {
    if (!finished() || current() === count - 1) return
    const rung = rungs[current()]
    const goesBefore = better(rung)
    const ranked = members[current()]
      .filter((trial) => rung.state[trial] === STATE.scored)
      .sort((a, b) => (goesBefore(a, b) ? -1 : 1))
    const best = ranked.slice(0, kept(members[current()].length))
    if (best.length === 0) return
    members.push(best.sort())
    place = 0
  }

  return {
    rungs: count,
    next(most) {
      const steps: Step[] = []
      const [rung, all] = [current(), members[current()]]
      for (; place < all.length && steps.length < most; place++) {
        if (rungs[rung].state[all[place]] !== STATE.none) continue
        give(rungs[rung], all[place])
        steps.push({ trial: all[place], rung })
      }
      return steps
    },
    record(step, score) {
      checkStep(rungs, step)
      const begun = step.rung <= current() && (step.rung === 0 || isIn(members[step.rung], step.trial))
      if (!begun) throw notOpen(step, 'the trial has not come that far')
      take(rungs[step.rung], step.trial, score)
      goOn()
    },
    get done() {
      return finished()
    },
    counts() {
      let planned = trials
      return rungs.map(({ given, done }, r) => {
        if (r > 0) planned = members[r]?.length ?? (finished() ? 0 : kept(planned))
        return { given, done, planned }
      })
    },
  }
}

/** Whether a list in ascending order has `item`. */
function isIn(sorted: Int32Array, item: number): boolean {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < item) low = middle + 1
    else high = middle
  }
  return sorted[low] === item
}
