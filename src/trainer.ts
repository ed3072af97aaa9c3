/** The loop around the dispatches: submits iterations, keeps three in flight, turns what comes back into rows. */
import { type Dispatch, encode } from './gpu/dispatch'
import { ReadbackRing } from './gpu/readback'
import { readStruct, reflectStruct } from './gpu/reflect'
import { maxFlops } from './iteration'
import { type MetricsRow, metricsRow } from './metrics'
import type { TrainOptions, TrainUpdate } from './ppo'
import type { Run } from './run'
import { type Snapshot, takeSnapshot } from './snapshot'

/** What the host did while training. */
export interface Calls {
  submits: number
  iterations: number
  /** Milliseconds that the host spent encoding and submitting. */
  hostMs: number
}

/** Dispatches in one submit at most. */
const DISPATCHES_PER_SUBMIT = 4000

/** One iteration's rows, [agent]; null for an agent that had stopped before. */
export type IterationRows = (MetricsRow | null)[]

/** Rows on their way, of the iterations after `first`. */
interface Waiting {
  first: number
  read: Promise<IterationRows[]>
}

/** When a snapshot is due: after so many iterations (of the run, so 10 means 10, 20, ...), or seconds. */
export interface Every {
  iterations?: number
  seconds?: number
}

export interface TrainerOptions extends Pick<TrainOptions, 'totalTimesteps' | 'signal'> {
  snapshotEvery?: Every
  /** Gets each snapshot when it has come back; training goes on meanwhile. */
  onSnapshot?(snapshot: Snapshot): void
}

export class Trainer {
  readonly dispatchesPerIteration: number
  /** Iterations that have come back. */
  iterations = 0
  /** Readbacks, and the submits before them, that may be on their way at once: 1 to 3. */
  inFlight = 3
  private readonly ring: ReadbackRing
  /** The dispatches of the iteration of each metrics slot. */
  private readonly slots: Dispatch[][]
  /** The latest row of each agent. */
  private latest: IterationRows
  private readonly waiting: Waiting[] = []
  /** Iterations that have been submitted. */
  submitted = 0
  private started = false
  private lastSnapshot = performance.now()
  private snapshot: Promise<void> | undefined
  /** No agent is running any more. */
  private done = false

  constructor(
    private readonly run: Run,
    private readonly reset: Dispatch[],
    iteration: (slot: number) => Dispatch[],
    readonly calls: Calls = { submits: 0, iterations: 0, hostMs: 0 },
  ) {
    this.slots = Array.from({ length: run.sizes.iterationsPerSubmit }, (_, slot) => iteration(slot))
    this.dispatchesPerIteration = this.slots[0].length
    this.latest = Array.from({ length: run.sizes.numAgents }, () => null)
    run.arena.upload()
    this.ring = new ReadbackRing(run.gpu.device, run.buffers.metrics.size)
  }

  /**
   * Takes up a run whose buffers stand as they did after `iterations`.
   * @param reported Iterations whose rows were given before: they are computed again and not given again.
   */
  resume(iterations: number, reported = iterations): void {
    this.started = iterations > 0
    this.submitted = iterations
    this.iterations = reported
  }

  /** Rows that are on their way when the caller ends the loop come first in the next one. */
  async *train(options: TrainerOptions = {}): AsyncGenerator<Omit<TrainUpdate, 'checkpoint'>, void, void> {
    const { batchSize, numAgents } = this.run.sizes
    const total = Math.floor((options.totalTimesteps ?? this.run.config.totalTimesteps) / batchSize)
    const start = performance.now()
    const firstIteration = this.iterations
    while (this.waiting.length > 0 || this.wantsMore(total, options.signal)) {
      while (this.waiting.length < this.inFlight && this.wantsMore(total, options.signal)) {
        const first = this.submitted
        const read = this.submit(await this.ring.take(), this.sizeOfSubmit(total, options.snapshotEvery))
        read.catch(() => undefined) // a failure is thrown where the rows are awaited, below
        this.waiting.push({ first, read })
        this.snapshotIfDue(options)
      }
      const { first, read } = this.waiting.shift()!
      const back = await read.catch((error) => this.run.gpu.explain(error))
      this.run.gpu.check()
      const rows = back
        .slice(Math.max(0, this.iterations - first))
        .filter((agents) => agents.some((row) => row !== null))
      this.iterations += rows.length
      this.done = back.at(-1)!.every((row) => row === null || row.status !== 'running')
      if (rows.length === 0) continue
      const seconds = (performance.now() - start) / 1000
      const sps = ((this.iterations - firstIteration) * batchSize * numAgents) / seconds
      this.latest = this.latest.map((row, agent) => rows.findLast((agents) => agents[agent])?.[agent] ?? row)
      yield { ...this.latest.find((row) => row !== null)!, sps, rows }
    }
    await this.snapshot
  }

  private sizeOfSubmit(total: number, every: Every | undefined): number {
    const untilDue = every?.iterations ? every.iterations - (this.submitted % every.iterations) : this.slots.length
    return Math.min(this.slots.length, total - this.submitted, untilDue)
  }

  /** Reads a snapshot behind what has been submitted, when one is due and none is on its way. */
  private snapshotIfDue({ snapshotEvery, onSnapshot }: TrainerOptions): void {
    if (!snapshotEvery || this.snapshot) return
    const { iterations, seconds } = snapshotEvery
    const byIterations = iterations !== undefined && this.submitted % iterations === 0
    const bySeconds = seconds !== undefined && performance.now() - this.lastSnapshot >= 1000 * seconds
    if (!byIterations && !bySeconds) return
    this.lastSnapshot = performance.now()
    this.snapshot = takeSnapshot(this.run)
      .then((snapshot) => onSnapshot?.(snapshot))
      .catch(() => undefined) // whatever it is, the next row meets it too
      .finally(() => {
        this.snapshot = undefined
      })
  }

  private wantsMore(total: number, signal: AbortSignal | undefined): boolean {
    return !this.done && !signal?.aborted && this.submitted < total
  }

  /** Encodes and submits `count` iterations, then asks for their metrics. */
  private submit(staging: GPUBuffer, count: number): Promise<IterationRows[]> {
    const { device } = this.run.gpu
    const { metrics } = this.run.buffers
    const before = performance.now()
    const dispatches = this.slots.slice(0, count).flat()
    const lists = cutSubmits(this.started ? dispatches : [...this.reset, ...dispatches], maxFlops(this.run))
    lists.forEach((list, i) => {
      const encoder = device.createCommandEncoder({ label: 'iteration' })
      const pass = encoder.beginComputePass({ label: 'iteration' })
      encode(pass, this.run.arena, list)
      pass.end()
      if (i === lists.length - 1) encoder.copyBufferToBuffer(metrics, 0, staging, 0, metrics.size)
      device.queue.submit([encoder.finish()])
    })
    this.started = true
    this.submitted += count
    this.calls.submits += lists.length
    this.calls.iterations += count
    this.calls.hostMs += performance.now() - before
    return this.ring.read(staging, metrics.size).then((bytes) => this.decode(bytes, count))
  }

  private decode(bytes: ArrayBuffer, count: number): IterationRows[] {
    const { code } = this.run.kernels.control
    const { numAgents, batchSize } = this.run.sizes
    const layout = reflectStruct(code, 'Metrics')
    const view = new DataView(bytes)
    return Array.from({ length: count }, (_, slot) =>
      Array.from({ length: numAgents }, (_, agent) =>
        metricsRow(readStruct(code, layout, view, (slot * numAgents + agent) * layout.size), batchSize),
      ),
    )
  }

  destroy(): void {
    this.ring.destroy()
  }
}

/** Cuts a list of dispatches into submits of bounded work. */
export function cutSubmits(dispatches: Dispatch[], mostFlops: number): Dispatch[][] {
  const lists: Dispatch[][] = [[]]
  let flops = 0
  for (const dispatch of dispatches) {
    const list = lists.at(-1)!
    if (list.length > 0 && (flops + dispatch.flops > mostFlops || list.length >= DISPATCHES_PER_SUBMIT)) {
      lists.push([dispatch])
      flops = dispatch.flops
    } else {
      list.push(dispatch)
      flops += dispatch.flops
    }
  }
  return lists
}
