/**
 * Asynchronous successive halving (Li et al. 2018, algorithm 2): a trial goes on as soon as it is among the best
 * floor(n / eta) of the n results that its rung has so far; where none is, another trial begins. What goes on depends on
 * the order of the results.
 */
import { createHeap, type Heap } from './heap'
import { better, checkStep, createRungs, give, type Halving, notOpen, type Rung, STATE, take } from './rungs'
import type { Scheduler, Step } from './scheduler'

export function createAsha(trials: number, { eta, rungs: count }: Halving): Scheduler {
  const rungs = createRungs(trials, count)
  /** Between a rung and the next. */
  const gates = rungs.slice(1).map((next, r) => createGate(rungs[r], next, eta))
  /** All trials before this one have begun. */
  let begun = 0

  const isOpen = ({ trial, rung }: Step): boolean => rung === 0 || rungs[rung - 1].state[trial] === STATE.scored

  /** A trial that may go on, from the highest rung; at the end the best of a rung from which none has. */
  const promotion = (): Step | undefined => {
    for (let r = gates.length - 1; r >= 0; r--) {
      const trial = gates[r].first()
      if (trial !== undefined) return { trial, rung: r + 1 }
    }
    if (begun < trials || rungs.some(({ given, done }) => given > done)) return undefined
    const r = gates.findIndex((gate, i) => rungs[i + 1].given === 0 && gate.best() !== undefined)
    return r < 0 ? undefined : { trial: gates[r].best()!, rung: r + 1 }
  }
  const skipBegun = (): void => {
    while (begun < trials && rungs[0].state[begun] !== STATE.none) begun++
  }

  return {
    rungs: count,
    next(most) {
      const steps: Step[] = []
      while (steps.length < most) {
        skipBegun()
        const step = promotion() ?? (begun < trials ? { trial: begun, rung: 0 } : undefined)
        if (!step) break
        give(rungs[step.rung], step.trial)
        steps.push(step)
      }
      return steps
    },
    record(step, score) {
      checkStep(rungs, step)
      if (!isOpen(step)) throw notOpen(step, 'the trial has no score in the rung before')
      const scored = take(rungs[step.rung], step.trial, score)
      gates[step.rung]?.add(scored ? step.trial : null)
    },
    get done() {
      skipBegun()
      return begun === trials && rungs.every(({ given, done }) => given === done) && promotion() === undefined
    },
    counts: () => rungs.map(({ given, done }, r) => ({ given, done, planned: r === 0 ? trials : given })),
  }
}

/** The results of a rung, ranked; every operation takes O(log n). */
interface Gate {
  /** A result, null without a score. */
  add(trial: number | null): void
  /** The best trial that may go on and has not. */
  first(): number | undefined
  /** The best of all. */
  best(): number | undefined
}

function createGate(rung: Rung, next: Rung, eta: number): Gate {
  const goesBefore = better(rung)
  /** The best floor(n / eta), the worst of them first; and all others, the best first. */
  const top = createHeap((a, b) => goesBefore(b, a))
  const rest = createHeap(goesBefore)
  /** Those of `top` that have not gone on, the best first; what has gone on, or has left `top`, is dropped when met. */
  const ready: Heap = createHeap(goesBefore)
  const isTop = new Uint8Array(rung.state.length)
  let results = 0
  let best: number | undefined

  const intoTop = (trial: number): void => {
    top.push(trial)
    isTop[trial] = 1
    ready.push(trial)
  }
  return {
    add(trial) {
      results++
      if (trial !== null) {
        rest.push(trial)
        if (best === undefined || goesBefore(trial, best)) best = trial
      }
      if (rest.size > 0 && top.size > 0 && goesBefore(rest.peek()!, top.peek()!)) {
        const out = top.pop()!
        isTop[out] = 0
        intoTop(rest.pop()!)
        rest.push(out)
      }
      if (top.size < Math.floor(results / eta) && rest.size > 0) intoTop(rest.pop()!)
    },
    first() {
      for (let trial = ready.peek(); trial !== undefined; trial = ready.peek()) {
        if (isTop[trial] && next.state[trial] === STATE.none) return trial
        ready.pop()
      }
      return undefined
    },
    best: () => best,
  }
}
