/** Workers of different speeds on a simulated clock, which die and come back, as the pool of a sweep. */
import { threefry2x32, toUnit } from '../../src/env/rng'
import { readResult } from '../../src/sweep/check'
import type { Batch, FileRef, TrialResult } from '../../src/sweep/types'
import { createHeap } from './heap'
import { type OpenPool, type PoolEvents, roomFor } from './pool'

/** Seconds of a worker of speed 1 for the whole budget of a batch, which has 243 iterations. */
export const WHOLE = { seconds: 3600, iterations: 243 }
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

export interface Crowd {
  workers: number
  seed: number
  /** Rungs of the search. */
  rungs: number
  /** Most agents in a batch. */
  batch: number
}

export interface CrowdCounts {
  results: number
  duplicates: number
  batches: number
  redelivered: number
  messages: number
  fileBytes: number
  /** Simulated seconds, until now and of all workers with work. */
  now: number
  worked: number
  /** Real milliseconds of the coordinator, in all and at the longest. */
  ms: number
  longest: number
}

interface Handed {
  batch: Batch
  /** Seconds that are left at speed 1. */
  left: number
  done: boolean
}

/**
 * The clock goes on when the coordinator waits: to the end of the next batch. What lies between is the coordinator's
 * time.
 */
export function simulatedPool({ workers, seed, rungs, batch: most }: Crowd): { open: OpenPool; counts: CrowdCounts } {
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
  let queue: Handed[] = []
  let next = 0
  /** Before those of the queue. */
  const again: Handed[] = []
  const counts: CrowdCounts = {
    ...{ results: 0, duplicates: 0, batches: 0, redelivered: 0, messages: 0, fileBytes: 0 },
    ...{ now: 0, worked: 0, ms: 0, longest: 0 },
  }
  const spent = (ms: number): void => {
    counts.ms += ms
    counts.longest = Math.max(counts.longest, ms)
  }

  /** The worker takes a batch, until it is done or the worker goes away. */
  const begin = (w: number, one: Handed): void => {
    const length = one.left / speed[w]
    const agents = one.batch.members.length
    const worked = Math.min(length, lives[w])
    counts.worked += worked
    counts.messages +=
      MESSAGES.delivery + agents * MESSAGES.trial + Math.floor((3 * worked) / ACK_WAIT) * MESSAGES.working
    const left = Math.floor(worked / LEAVE_EVERY)
    counts.messages += left * MESSAGES.leave(agents)
    counts.fileBytes += left * agents * AGENT_BYTES
    if (one.batch.keep.checkpoint) {
      counts.messages += agents * MESSAGES.checkpoint
      counts.fileBytes += PASSES * agents * AGENT_BYTES
    }
    lives[w] -= worked
    at[w] = counts.now + worked
    inHand[w] = one
    if (lives[w] <= 0) {
      lives[w] = exponential(LIFE)
      inHand.push(one)
      events.push(at.push(counts.now + worked + ACK_WAIT) - 1)
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
    while (idle.length > 0 && next < queue.length) begin(idle.pop()!, queue[next++])
    if (next < 10_000) return
    queue = queue.slice(next)
    next = 0
  }

  const give = ({ batch }: Handed, result: (result: TrialResult) => void): void => {
    counts.results += batch.members.length
    for (const { trial } of batch.members) {
      const sent = JSON.stringify(resultOf(batch, trial, seed))
      const start = performance.now()
      result(readResult(sent))
      spent(performance.now() - start)
    }
  }
  /** To the end of the next batch. @returns Whether there was one. */
  const goOn = (result: (result: TrialResult) => void): boolean => {
    for (giveOut(); events.size > 0; giveOut()) {
      const event = events.pop()!
      counts.now = at[event]
      const one = inHand[event]
      inHand[event] = null
      if (event >= workers) {
        if (!one!.done) again.push(one!)
        if (!one!.done) counts.redelivered++
        continue
      }
      idle.push(event)
      if (one?.done) counts.duplicates += one.batch.members.length
      if (!one || one.done) continue
      one.done = true
      give(one, result)
      return true
    }
    return false
  }

  const open: OpenPool = async (_, { result, failed }: PoolEvents) => {
    const noFiles = () => Promise.reject(new Error('a simulated pool has no files.'))
    let closed = false
    let before = performance.now()
    const tick = () => {
      if (closed) return
      spent(performance.now() - before)
      if (!goOn(result)) return failed(new Error('the simulated sweep did not end.'))
      before = performance.now()
      setImmediate(tick)
    }
    setImmediate(tick)
    return {
      files: { put: noFiles, get: noFiles },
      room: roomFor(workers, most),
      async submit(batch) {
        const { iterations, seconds } = WHOLE
        const from = batch.rung === 0 || batch.rung === rungs ? 0 : untils[batch.rung - 1]
        const steps = batch.config.totalTimesteps / iterations
        untils[batch.rung] = batch.until
        queue.push({ batch, left: ((batch.until - from) / steps / iterations) * seconds, done: false })
        counts.batches++
        counts.messages += MESSAGES.batch
      },
      async forget() {},
      async close() {
        closed = true
        spent(performance.now() - before)
      },
    }
  }
  /** Timesteps at which each rung ends. */
  const untils: number[] = []
  return { open, counts }
}

const FINGERPRINT = { adapter: 'a simulated adapter', browser: 'Chrome/156.0.8078.108', version: '0.0.0' }
const CURVE_POINTS = 50
const fileOf = (name: string): FileRef => ({ name, bytes: AGENT_BYTES, sha256: HASH })
const HASH = '0123456789abcdef'.repeat(4)

/** As large as a real one. Better trials stay better, with some noise; one in a hundred meets a number that is not finite. */
function resultOf({ sweep, id, ticket, rung, until, keep }: Batch, trial: number, seed: number): TrialResult {
  const [quality, noise] = threefry2x32(seed, 1, trial, rung)
  const isBad = toUnit(quality) < 0.01
  const score = toUnit(threefry2x32(seed, 2, trial, 0)[0]) + 0.2 * toUnit(noise)
  return {
    ...{ version: 1, sweep, batch: id, ticket, trial, rung, timesteps: until, weightsHash: HASH, error: null },
    ...{ score: isBad ? null : score, status: isBad ? 'notFinite' : 'running', mixed: false, seconds: 1 + noise / 7 },
    curve: Array.from({ length: CURVE_POINTS }, (_, i) => [(i + 1) * 2048, score + i / 7]),
    fingerprint: FINGERPRINT,
    checkpoint: keep.checkpoint && !isBad ? fileOf(`${id}-t${trial}-r${rung}.safetensors`) : null,
    policy: keep.policy && !isBad ? fileOf(`${id}-p${trial}.safetensors`) : null,
  }
}
