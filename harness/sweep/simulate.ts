/**
 * A sweep on a simulated clock: the scheduler and the packing of a real one, and workers of different speeds that die and
 * come back. It measures what the coordinator's decisions cost, and counts what would pass through the NATS server.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { threefry2x32, toUnit } from '../../src/env/rng'
import { OPTIONS } from '../../src/options/options'
import { createAsha } from './asha'
import { parseAxis } from './axis'
import { createHalving } from './halving'
import { createHeap } from './heap'
import { batchId, packSteps } from './pack'
import { rungBudgets } from './rungs'
import type { Step } from './scheduler'
import { makeTrials } from './space'

export interface Simulation {
  asha: boolean
  trials: number
  workers: number
  /** Most agents in a batch. */
  batch: number
  seed: number
}

export interface Simulated extends Simulation {
  rungs: number
  /** Results recorded; results that came again and were discarded. */
  results: number
  duplicates: number
  batches: number
  /** Batches that another worker went on with. */
  redelivered: number
  /** Simulated hours from the first batch to the last result. */
  hours: number
  /** Share of the time that a worker had work, from 0 to 1. */
  busy: number
  /** Real milliseconds of the coordinator for each result, and of the longest decision. */
  msPerResult: number
  msLongest: number
  /** Of trials, scheduler, batches and the keys of all results, at the end. */
  bytes: number
  /** Through the server, both directions, without what workers say of themselves; and the bytes of checkpoints. */
  messages: number
  fileBytes: number
}

/** Seconds of a worker of speed 1 for the whole budget of a batch, which has 243 iterations. */
const WHOLE = { seconds: 3600, iterations: 243 }
/** Slowest and fastest worker. */
const SPEEDS = [0.25, 4]
/** Mean seconds until a worker dies or falls asleep, and until it is back. */
const LIFE = 4 * 3600
const AWAY = 600
/** Of ten workers that go away so many only sleep: they come back with results that others have given. */
const SLEEPERS = 0.2
/** As in src/nats and src/sweep/work.ts: seconds until a silent worker's batch goes on, and between checkpoints. */
const ACK_WAIT = 30
const LEAVE_EVERY = 20
/** Different shapes of network in the sweep. */
const SHAPES = 4

/** A checkpoint of an agent with CartPole's preset, measured; and how often that passes once it is made. */
const AGENT_BYTES = 120_484
/** Into the server, to the coordinator that checks it, to the next worker. */
const PASSES = 3

/** Messages of the protocol of src/nats: request and answer are two. A checkpoint of an agent is one chunk. */
const MESSAGES = {
  /** Into the queue, confirmed. */
  batch: 2,
  /** Asked for and delivered; how often it was begun, read and written; its end, confirmed. */
  delivery: 8,
  /** A sign of life, three in an ack wait. */
  working: 1,
  /** Of a checkpoint on the way: its head; chunks of 4 agents each. */
  leave: (agents: number) => 2 + 2 * Math.ceil(agents / 4),
  /** Is there a result already; the result, confirmed, and to the coordinator. */
  trial: 5,
  /** Stored, checked by the coordinator, fetched by the next worker, removed. */
  checkpoint: 8,
}

/** What its trials search. */
const AXES = [
  parseAxis('--set learningRate', 'learningRate', 'loguniform(1e-4,1e-2)', OPTIONS.learningRate)!,
  parseAxis('--set entCoef', 'entCoef', 'choice(0,0.01)', OPTIONS.entCoef)!,
]

interface Handed {
  id: string
  rung: number
  trials: number[]
  /** Seconds that are left at speed 1. */
  left: number
  done: boolean
}

/** @returns what a decision cost, and what would have been sent. */
export function simulate(simulation: Simulation): Simulated {
  const kept: unknown[] = []
  const course = run(simulation, kept)
  const full = memory()
  kept.length = 0
  return { ...course, bytes: full - memory() }
}

/** @param kept Gets what the coordinator holds in memory at the end. */
function run(simulation: Simulation, kept: unknown[]): Omit<Simulated, 'bytes'> {
  const { asha, trials, workers, batch, seed } = simulation
  const budgets = rungBudgets(WHOLE.iterations, 1, { trials })
  const seconds = budgets.map((end, r) => ((end - (budgets[r - 1] ?? 0)) * WHOLE.seconds) / WHOLE.iterations)
  let draws = 0
  const random = (): number => toUnit(threefry2x32(seed, 0, draws++, 0)[0])
  const exponential = (mean: number): number => -mean * Math.log(1 - random())

  const speed = Float64Array.from({ length: workers }, () => SPEEDS[0] * (SPEEDS[1] / SPEEDS[0]) ** random())
  const lives = Float64Array.from({ length: workers }, () => exponential(LIFE))
  /**
   * When each event is. The first are of the workers: the worker has done its batch, or comes back without one (null).
   * Behind them: the server hands out a batch again.
   */
  const at: number[] = Array.from({ length: workers }, () => 0)
  const inHand: (Handed | null)[] = Array.from({ length: workers }, () => null)
  const events = createHeap((a, b) => (at[a] !== at[b] ? at[a] < at[b] : a < b))
  const idle = Array.from({ length: workers }, (_, w) => workers - 1 - w)

  const made = makeTrials({ fixed: {}, axes: AXES }, { trials, method: 'random', seed })
  const scheduler = (asha ? createAsha : createHalving)(trials, { eta: 3, rungs: budgets.length })
  const handed = new Map<string, Handed>()
  const done = new Set<string>()
  const queue: Handed[] = []
  /** Before those of the queue. */
  const again: Handed[] = []
  const counts = { results: 0, duplicates: 0, redelivered: 0, messages: 0, fileBytes: 0, inWork: 0, next: 0 }
  const cost = { all: 0, longest: 0 }
  const timed = (decide: () => void): void => {
    const start = performance.now()
    decide()
    const ms = performance.now() - start
    cost.all += ms
    cost.longest = Math.max(cost.longest, ms)
  }
  let [now, busy] = [0, 0]

  /** As the coordinator: no small batches while the queue is full enough. */
  const hand = (): void => {
    const free = 2 * workers * batch - counts.inWork
    if (free < batch) return
    const steps = scheduler.next(free)
    for (const some of packSteps(steps, (trial) => `${trial % SHAPES}`, batch)) {
      const { rung } = some[0]
      const one = { id: batchId(some), rung, trials: some.map(({ trial }) => trial), left: seconds[rung], done: false }
      handed.set(one.id, one)
      queue.push(one)
      counts.inWork += some.length
      counts.messages += MESSAGES.batch
    }
  }
  const record = (one: Handed): void => {
    one.done = true
    for (const trial of one.trials) {
      const step = { trial, rung: one.rung }
      scheduler.record(step, scoreOf(step, seed))
      done.add(`${trial} ${one.rung}`)
    }
    counts.results += one.trials.length
    counts.inWork -= one.trials.length
    hand()
  }

  /** The worker takes a batch, until it is done or the worker goes away. */
  const begin = (w: number, one: Handed): void => {
    const length = one.left / speed[w]
    const agents = one.trials.length
    const worked = Math.min(length, lives[w])
    busy += worked
    counts.messages +=
      MESSAGES.delivery + agents * MESSAGES.trial + Math.floor((3 * worked) / ACK_WAIT) * MESSAGES.working
    const left = Math.floor(worked / LEAVE_EVERY)
    counts.messages += left * MESSAGES.leave(agents)
    counts.fileBytes += left * agents * AGENT_BYTES
    if (one.rung < budgets.length - 1) {
      counts.messages += agents * MESSAGES.checkpoint
      counts.fileBytes += PASSES * agents * AGENT_BYTES
    }
    lives[w] -= worked
    at[w] = now + worked
    inHand[w] = one
    if (lives[w] <= 0) {
      lives[w] = exponential(LIFE)
      inHand.push(one)
      events.push(at.push(now + worked + ACK_WAIT) - 1)
      at[w] += exponential(AWAY)
      if (random() < SLEEPERS) at[w] += length - worked
      else inHand[w] = null
      // Another goes on from the latest checkpoint.
      one.left -= Math.min(one.left, Math.floor(worked / LEAVE_EVERY) * LEAVE_EVERY * speed[w])
    }
    events.push(w)
  }
  const giveOut = (): void => {
    while (idle.length > 0 && again.length > 0) begin(idle.pop()!, again.pop()!)
    while (idle.length > 0 && counts.next < queue.length) begin(idle.pop()!, queue[counts.next++])
  }

  timed(hand)
  giveOut()
  while (events.size > 0 && !scheduler.done) {
    const event = events.pop()!
    now = at[event]
    const one = inHand[event]
    inHand[event] = null
    if (event >= workers) {
      if (!one!.done) again.push(one!)
      if (!one!.done) counts.redelivered++
    } else {
      if (one?.done) counts.duplicates += one.trials.length
      else if (one) timed(() => record(one))
      idle.push(event)
    }
    giveOut()
  }
  if (!scheduler.done || done.size !== counts.results) throw new Error('the simulated sweep did not end.')
  kept.push(made, scheduler, handed, done)
  return {
    ...simulation,
    ...{ rungs: budgets.length, results: counts.results, duplicates: counts.duplicates, batches: handed.size },
    ...{ redelivered: counts.redelivered, hours: now / 3600, busy: busy / (now * workers) },
    ...{ msPerResult: cost.all / counts.results, msLongest: cost.longest, messages: counts.messages },
    fileBytes: counts.fileBytes,
  }
}

/** Better trials stay better, with some noise. */
function scoreOf({ trial, rung }: Step, seed: number): number | null {
  const [quality, noise] = threefry2x32(seed, 1, trial, rung)
  const score = toUnit(threefry2x32(seed, 2, trial, 0)[0]) + 0.2 * toUnit(noise)
  return toUnit(quality) < 0.01 ? null : score
}

/** Bytes in use, after what is not needed any more is gone. */
function memory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // Once leaves some of what was needed a moment ago.
  for (let i = 0; i < 2; i++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
