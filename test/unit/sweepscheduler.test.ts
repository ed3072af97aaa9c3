import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAsha } from '../../harness/sweep/asha'
import { createHalving } from '../../harness/sweep/halving'
import { createHeap } from '../../harness/sweep/heap'
import { rungBudgets } from '../../harness/sweep/rungs'
import { replay, type Scheduler, type Step } from '../../harness/sweep/scheduler'

const KINDS = { halving: createHalving, asha: createAsha }
type Kind = keyof typeof KINDS
const kinds = ['halving', 'asha'] as const

/** A sweep: scores by trial and rung, few different ones so that there are ties; null where there is none. */
const sweeps = fc
  .record({
    trials: fc.integer({ min: 1, max: 40 }),
    eta: fc.integer({ min: 2, max: 4 }),
    rungs: fc.integer({ min: 1, max: 4 }),
  })
  .chain((sizes) =>
    fc.record({
      ...{ sizes: fc.constant(sizes), room: fc.integer({ min: 1, max: 12 }), order: fc.infiniteStream(fc.nat()) },
      scores: fc.array(
        fc.array(fc.option(fc.integer({ min: -5, max: 5 }), { freq: 6 }), { minLength: 4, maxLength: 4 }),
        {
          minLength: sizes.trials,
          maxLength: sizes.trials,
        },
      ),
    }),
  )
type Sweep = typeof sweeps extends fc.Arbitrary<infer T> ? T : never

const open = (kind: Kind, { sizes: { trials, ...halving } }: Sweep): Scheduler => KINDS[kind](trials, halving)
const keyOf = ({ trial, rung }: Step): string => `${trial} ${rung}`

interface Log {
  given: Step[]
  recorded: Step[]
}

/** Runs on until `stop` results or the end: at most `room` steps are open, and their results come in any order. */
function go(
  scheduler: Scheduler,
  { room, order, scores }: Sweep,
  log: Log = { given: [], recorded: [] },
  stop = Infinity,
): Log {
  const waiting: Step[] = []
  while (log.recorded.length < stop) {
    const steps = scheduler.next(room - waiting.length)
    log.given.push(...steps)
    waiting.push(...steps)
    if (waiting.length === 0) break
    const [step] = waiting.splice((order.next().value as number) % waiting.length, 1)
    scheduler.record(step, scores[step.trial][step.rung])
    log.recorded.push(step)
  }
  return log
}

/** The trials of each rung by the rule, in plain words. */
function promotedByRule({ sizes: { trials, eta, rungs }, scores }: Sweep): number[][] {
  const all = [Array.from({ length: trials }, (_, trial) => trial)]
  for (let r = 0; r < rungs - 1; r++) {
    const n = all[r].length
    const scored = all[r].filter((trial) => scores[trial][r] !== null)
    scored.sort((a, b) => scores[b][r]! - scores[a][r]! || a - b)
    all.push(scored.slice(0, n === 0 ? 0 : Math.max(1, Math.floor(n / eta))))
  }
  return all.map((trials) => trials.toSorted((a, b) => a - b))
}
const byRung = (steps: Step[], rungs: number): number[][] =>
  Array.from({ length: rungs }, (_, r) =>
    steps
      .filter(({ rung }) => rung === r)
      .map(({ trial }) => trial)
      .sort((a, b) => a - b),
  )

describe.each(kinds)('%s', (kind) => {
  test('gives each step once, never gets stuck, and its counts are those of what it gave', () => {
    fc.assert(
      fc.property(sweeps, (sweep) => {
        const scheduler = open(kind, sweep)
        const { given, recorded } = go(scheduler, sweep)
        expect(scheduler.done).toBe(true)
        expect(scheduler.next(100)).toEqual([])
        expect(new Set(given.map(keyOf)).size).toBe(given.length)
        expect(recorded.map(keyOf).sort()).toEqual(given.map(keyOf).sort())
        const numbers = byRung(given, sweep.sizes.rungs).map(({ length: n }) => ({ given: n, done: n, planned: n }))
        expect(scheduler.counts()).toEqual(numbers)
      }),
    )
  })

  test('promotes nothing without a score, and nothing from a rung that it skipped', () => {
    fc.assert(
      fc.property(sweeps, (sweep) => {
        const { given } = go(open(kind, sweep), sweep)
        const there = new Set(given.map(keyOf))
        for (const { trial, rung } of given.filter((step) => step.rung > 0)) {
          expect(there.has(keyOf({ trial, rung: rung - 1 }))).toBe(true)
          expect(sweep.scores[trial][rung - 1]).not.toBeNull()
        }
      }),
    )
  })

  test('after a crash, the results in any order lead to where it was, and to the end', () => {
    fc.assert(
      fc.property(sweeps, fc.nat(80), (sweep, stop) => {
        const first = open(kind, sweep)
        const { recorded } = go(first, sweep, undefined, stop)
        const results = recorded.map((step) => ({ step, score: sweep.scores[step.trial][step.rung] }))
        const [again, other] = [open(kind, sweep), open(kind, sweep)]
        replay(again, results)
        replay(other, results.toReversed())
        expect(again.counts().map(({ done }) => done)).toEqual(first.counts().map(({ done }) => done))
        expect(other.next(1000)).toEqual(nextAfter(kind, sweep, results))
        const log = go(again, sweep, { given: [...recorded], recorded: [...recorded] })
        expect(again.done).toBe(true)
        expect(new Set(log.given.map(keyOf)).size).toBe(log.given.length)
      }),
    )
  })

  test('a step that another session gave may be recorded', () => {
    const scheduler = KINDS[kind](3, { eta: 3, rungs: 2 })
    scheduler.record({ trial: 1, rung: 0 }, 5)
    expect(scheduler.next(10)).toEqual([
      { trial: 0, rung: 0 },
      { trial: 2, rung: 0 },
    ])
  })

  test('a result that nobody waits for is an error', () => {
    const scheduler = KINDS[kind](3, { eta: 3, rungs: 2 })
    scheduler.record({ trial: 1, rung: 0 }, null)
    const refuse = (trial: number, rung: number, message: RegExp) =>
      expect(() => scheduler.record({ trial, rung }, 1)).toThrow(message)
    refuse(1, 0, /trial 1 in rung 0: its result is recorded/)
    refuse(1, 1, /trial 1 in rung 1: the trial has/)
    refuse(3, 0, /there are 3 trials and 2 rungs/)
    refuse(0, 2, /there are 3 trials and 2 rungs/)
  })
})

function nextAfter(kind: Kind, sweep: Sweep, results: { step: Step; score: number | null }[]): Step[] {
  const scheduler = open(kind, sweep)
  replay(scheduler, results)
  return scheduler.next(1000)
}

test('halving: the best of each rung by the rule, in whatever order the results come', () => {
  fc.assert(
    fc.property(sweeps, (sweep) => {
      const scheduler = createHalving(sweep.sizes.trials, sweep.sizes)
      expect(byRung(go(scheduler, sweep).given, sweep.sizes.rungs)).toEqual(promotedByRule(sweep))
    }),
  )
})

test('halving: a rung begins when the one before has ended', () => {
  const scheduler = createHalving(4, { eta: 2, rungs: 2 })
  expect(scheduler.next(10)).toHaveLength(4)
  for (const trial of [3, 0, 1]) scheduler.record({ trial, rung: 0 }, trial)
  expect(scheduler.next(10)).toEqual([])
  expect(scheduler.counts()).toEqual([
    { given: 4, done: 3, planned: 4 },
    { given: 0, done: 0, planned: 2 },
  ])
  scheduler.record({ trial: 2, rung: 0 }, 3)
  // Of equal scores the lower id goes first, and both are better than the others.
  expect(scheduler.next(10)).toEqual([
    { trial: 2, rung: 1 },
    { trial: 3, rung: 1 },
  ])
})

test('asha: what goes on is at that moment the best that has not, among the best floor(n / eta) of its rung', () => {
  fc.assert(
    fc.property(sweeps, (sweep) => {
      const { eta, rungs } = sweep.sizes
      const scheduler = open('asha', sweep)
      const results: Step[] = []
      const begun = new Set<string>()
      const score = ({ trial, rung }: Step): number => sweep.scores[trial][rung] ?? Number.NEGATIVE_INFINITY
      /** By the paper's get_job: from the highest rung, the first of the top that has not gone on. */
      const expected = (): Step | undefined => {
        for (let r = rungs - 2; r >= 0; r--) {
          const ranked = results
            .filter(({ rung }) => rung === r)
            .sort((a, b) => score(b) - score(a) || a.trial - b.trial)
          const top = ranked.slice(0, Math.floor(ranked.length / eta)).filter((step) => Number.isFinite(score(step)))
          const step = top.map(({ trial }) => ({ trial, rung: r + 1 })).find((to) => !begun.has(keyOf(to)))
          if (step) return step
        }
        return undefined
      }
      const waiting: Step[] = []
      for (let bottom = 0; ; ) {
        const by = expected()
        const room = waiting.length < sweep.room
        const [step] = room ? scheduler.next(1) : []
        if (room && by) expect(step).toEqual(by)
        else if (step && step.rung === 0) expect(step.trial).toBe(bottom++)
        else if (step) expect(waiting).toEqual([])
        if (step) {
          begun.add(keyOf(step))
          waiting.push(step)
          continue
        }
        if (waiting.length === 0) break
        const [back] = waiting.splice((sweep.order.next().value as number) % waiting.length, 1)
        results.push(back)
        scheduler.record(back, sweep.scores[back.trial][back.rung])
      }
    }),
  )
})

test('asha: goes on without waiting for a slow trial, and at the end one trial has the whole budget', () => {
  const scheduler = createAsha(7, { eta: 3, rungs: 3 })
  const [slow, ...others] = scheduler.next(4)
  for (const step of others) scheduler.record(step, step.trial)
  expect(scheduler.next(1)).toEqual([{ trial: 3, rung: 1 }])
  scheduler.record({ trial: 3, rung: 1 }, 1)
  for (const step of scheduler.next(10)) scheduler.record(step, null)
  expect(scheduler.done).toBe(false)
  scheduler.record(slow, 100)
  expect(scheduler.next(10)).toEqual([{ trial: 0, rung: 1 }])
  scheduler.record({ trial: 0, rung: 1 }, 2)
  // floor(2 / 3) is 0, and nothing is open: the best of the two.
  expect(scheduler.next(10)).toEqual([{ trial: 0, rung: 2 }])
  scheduler.record({ trial: 0, rung: 2 }, 3)
  expect(scheduler.done).toBe(true)
})

test('the heap gives its items in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = createHeap((a, b) => a < b)
      for (const item of items) heap.push(item)
      expect(heap.size).toBe(items.length)
      expect(items.map(() => heap.pop())).toEqual(items.toSorted((a, b) => a - b))
      expect(heap.pop()).toBeUndefined()
    }),
  )
})

describe('the budgets of the rungs', () => {
  test.each([
    [{ trials: 64 }, [256 * 3, 256 * 11, 256 * 33, 256 * 100]],
    [{ trials: 8 }, [256 * 33, 256 * 100]],
    [{ trials: 2 }, [25600]],
    [{ trials: 64, rungs: 2, eta: 4 }, [256 * 25, 25600]],
    [{ trials: 1, rungs: 3, eta: 2 }, [256 * 25, 256 * 50, 25600]],
  ])('%j', (of, budgets) => {
    expect(rungBudgets(25_700, 256, of)).toEqual(budgets)
  })

  test('whole iterations, each more than the one before, the last all; a trial left in the last rung', () => {
    const sizes = fc.record({
      ...{ total: fc.integer({ min: 7, max: 100_000 }), batch: fc.integer({ min: 1, max: 7 }) },
      ...{ eta: fc.integer({ min: 2, max: 5 }), trials: fc.integer({ min: 1, max: 1000 }) },
    })
    fc.assert(
      fc.property(sizes, ({ total, batch, eta, trials }) => {
        const budgets = rungBudgets(total, batch, { eta, trials })
        expect(budgets.at(-1)).toBe(Math.floor(total / batch) * batch)
        expect(budgets.length).toBeLessThanOrEqual(4)
        expect(trials).toBeGreaterThanOrEqual(eta ** (budgets.length - 1))
        for (const [r, budget] of budgets.entries()) {
          expect(budget % batch).toBe(0)
          expect(budget).toBeGreaterThan(budgets[r - 1] ?? 0)
        }
      }),
    )
  })

  test.each([
    [{ rungs: 9 }, /--rungs: 9 with --eta 3 need 6561 iterations, and totalTimesteps 25600 are 100\. Use fewer/],
    [{ rungs: 0 }, /--rungs: 0 is not a whole number from 1/],
    [{ eta: 1 }, /--eta: 1 is not a whole number from 2/],
  ])('%j is refused', (of, message) => {
    expect(() => rungBudgets(25_600, 256, { trials: 64, ...of })).toThrow(message)
  })

  test('a budget below one iteration is refused', () => {
    expect(() => rungBudgets(100, 256, { trials: 2 })).toThrow(/less than one batch of 256/)
  })
})

test('a hundred thousand trials: a decision takes microseconds, also the dearest ones', () => {
  for (const kind of kinds) {
    const scheduler = KINDS[kind](100_000, { eta: 3, rungs: 4 })
    const begun = performance.now()
    let steps = 0
    for (let some = scheduler.next(1000); some.length > 0; some = scheduler.next(1000)) {
      steps += some.length
      for (const step of some) scheduler.record(step, Math.sin(step.trial + step.rung))
    }
    expect(steps).toBeGreaterThan(148_000)
    expect(scheduler.done).toBe(true)
    // 10 us a step is some ten times what it takes; at O(n) a decision it would be minutes.
    expect((performance.now() - begun) / steps).toBeLessThan(0.1)
  }
})
