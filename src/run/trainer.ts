/** The training loop: submits iterations, keeps three in flight, converts what is read back to rows. */

import { type ArgsArena, type Dispatch, encode } from '../gpu/dispatch'
import { OutOfMemoryError } from '../gpu/gpuerror'
import { pipelinesOf, pipelinesRan } from '../gpu/patience'
import { ReadbackRing } from '../gpu/readback'
import { readStruct, reflectStruct } from '../gpu/reflect'
import { evaluationMetrics, type MetricsRow, metricsRow } from '../metrics'
import type { PpoConfig } from '../options/options'
import type { Snapshot } from '../plan/kept'
import type { Calls, Every, TrainOptions, TrainUpdate } from './api'
import type { Run } from './run'
import { takeSnapshot } from './snapshot'
import { flopsOf, Work } from './submits'

/** One iteration's rows, [agent]; null for an agent that had stopped before. */
export type IterationRows = (MetricsRow | null)[]

/** Rows in flight, of the iterations after `first`. */
interface Waiting {
  first: number
  read: Promise<IterationRows[]>
  /** Pipelines of the device when it was submitted: all of them have run when it is read. */
  pipelines: number
}

export interface TrainerOptions extends Pick<TrainOptions, 'totalTimesteps' | 'signal'> {
  snapshotEvery?: Every
  /** Gets each snapshot when it has been read, with the iterations submitted before it and the options then. */
  onSnapshot?(snapshot: Snapshot, submitted: number, config: PpoConfig): void
}

export class Trainer {
  readonly dispatchesPerIteration: number
  /** Iterations that have been read back. */
  iterations = 0
  /** Readbacks, with the submits before them, that may be in flight at once: 1 to 3. */
  inFlight = 3
  /** The most iterations per readback; `sizes.iterationsPerSubmit` is another limit. */
  iterationsAtOnce = Number.POSITIVE_INFINITY
  /** Called with the work of every submit, right after it was made. */
  onSubmit: (flops: number) => void = () => undefined
  /** A submit waits for this promise, if others also need the GPU. */
  turn: (() => Promise<void>) | undefined
  /** While only a part of an iteration has been submitted: resolves after the rest. */
  private partial: Promise<unknown> | undefined
  private readonly ring: ReadbackRing
  /** Of a staging buffer: the metrics, then the results of an evaluation. */
  private readonly bytes: number
  /** The work to submit. */
  readonly work: Work
  /** The latest row of each agent. */
  private latest: IterationRows
  private readonly waiting: Waiting[] = []
  /** Iterations that have been submitted. */
  submitted = 0
  private started = false
  private lastSnapshot = performance.now()
  private snapshot: Promise<void> | undefined
  /** Not enough memory to read a snapshot. */
  private full: OutOfMemoryError | undefined
  /** No agent is running any more. */
  private done = false

  constructor(
    private readonly run: Run,
    readonly calls: Calls = { submits: 0, iterations: 0, hostMs: 0 },
  ) {
    this.work = new Work(run)
    this.dispatchesPerIteration = this.work.dispatchesPerIteration
    this.latest = Array.from({ length: run.sizes.numAgents }, () => null)
    this.bytes = run.buffers.metrics.size + (run.evaluation?.results.size ?? 0)
    this.ring = new ReadbackRing(run.gpu.device, this.bytes)
  }

  /**
   * Continues a run whose buffers are in the state after `iterations`.
   * @param reported Iterations whose rows were given before: they are computed again but not given again.
   */
  resume(iterations: number, reported = iterations): void {
    this.started = iterations > 0
    this.submitted = iterations
    this.iterations = reported
  }

  /** Rows that are in flight when the caller ends the loop come first in the next one. */
  async *train(options: TrainerOptions = {}): AsyncGenerator<Omit<TrainUpdate, 'checkpoint'>, void, void> {
    const { batchSize, numAgents } = this.run.sizes
    const total = Math.floor((options.totalTimesteps ?? this.run.config.totalTimesteps) / batchSize)
    const start = performance.now()
    const firstIteration = this.iterations
    while (this.waiting.length > 0 || this.wantsMore(total, options.signal)) {
      while (this.waiting.length < this.inFlight && this.wantsMore(total, options.signal)) {
        const first = this.submitted
        const staging = await this.ring.take()
        const count = this.sizeOfSubmit(total, options.snapshotEvery)
        const pipelines = pipelinesOf(this.run.gpu.device)
        this.partial = this.submit(count, staging)
        await this.partial
        this.partial = undefined
        const read = this.read(count, staging, this.submitted)
        read.catch(() => undefined) // a failure is thrown below, where the rows are awaited
        this.waiting.push({ first, read, pipelines })
        this.snapshotIfDue(options)
      }
      const { first, read, pipelines } = this.waiting.shift()!
      const back = await read.catch((error) => this.run.gpu.explain(error))
      this.run.gpu.check()
      pipelinesRan(this.run.gpu.device, pipelines)
      if (this.full) throw this.full
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
    const most = Math.min(this.run.sizes.iterationsPerSubmit, this.iterationsAtOnce)
    const until = (each: number | undefined) => (each ? each - (this.submitted % each) : most)
    return Math.min(most, total - this.submitted, until(every?.iterations), until(this.evalEvery))
  }

  /** Reads a snapshot after the submits so far, if one is due and none is in flight. */
  private snapshotIfDue({ snapshotEvery, onSnapshot }: TrainerOptions): void {
    if (!snapshotEvery || this.snapshot) return
    const { iterations, seconds } = snapshotEvery
    const byIterations = iterations !== undefined && this.submitted % iterations === 0
    const bySeconds = seconds !== undefined && performance.now() - this.lastSnapshot >= 1000 * seconds
    if (!byIterations && !bySeconds) return
    this.lastSnapshot = performance.now()
    const { submitted } = this
    const { config } = this.run
    this.snapshot = takeSnapshot(this.run)
      .then((snapshot) => onSnapshot?.(snapshot, submitted, config))
      .catch((error) => {
        // The next row finds every other error too.
        if (error instanceof OutOfMemoryError) this.full = error
      })
      .finally(() => {
        this.snapshot = undefined
      })
  }

  private wantsMore(total: number, signal: AbortSignal | undefined): boolean {
    return !this.done && !signal?.aborted && this.submitted < total
  }

  /** Calls `act` between two iterations, not within a partly submitted one. */
  async between<T>(act: () => T): Promise<T> {
    while (this.partial) await this.partial
    return act()
  }

  /** Iterations from one evaluation to the next; 0 without. */
  private get evalEvery(): number {
    return this.run.evaluation ? this.run.config.evalEvery : 0
  }

  /**
   * Encodes and submits `count` iterations, the evaluation that is due after them, and the copy of their metrics to
   * `staging`.
   */
  private async submit(count: number, staging: GPUBuffer): Promise<void> {
    const { evaluation, arena } = this.run
    const iterations = this.work.lists(count, !this.started).map((list) => ({ list, arena }))
    this.started = true
    this.submitted += count
    this.calls.iterations += count
    const isDue = evaluation && this.submitted % this.evalEvery === 0
    const evaluated = isDue
      ? evaluation.lists(this.work.flopsPerSubmit).map((list) => ({ list, arena: evaluation.arena }))
      : []
    const all = [...iterations, ...evaluated]
    for (const [i, { list, arena }] of all.entries()) {
      if (this.turn) await this.turn()
      this.submitOne(list, arena, i === all.length - 1 ? staging : undefined)
    }
  }

  private submitOne(list: Dispatch[], arena: ArgsArena, staging: GPUBuffer | undefined): void {
    const { device } = this.run.gpu
    const { metrics } = this.run.buffers
    const results = this.run.evaluation?.results
    const before = performance.now()
    const encoder = device.createCommandEncoder({ label: 'iteration' })
    const pass = encoder.beginComputePass({ label: 'iteration' })
    encode(pass, arena, list)
    pass.end()
    if (staging) encoder.copyBufferToBuffer(metrics, 0, staging, 0, metrics.size)
    if (staging && results) encoder.copyBufferToBuffer(results, 0, staging, metrics.size, results.size)
    device.queue.submit([encoder.finish()])
    this.calls.submits++
    this.calls.hostMs += performance.now() - before
    this.onSubmit(flopsOf(list))
  }

  /** @param last The last iteration that was submitted before. */
  private async read(count: number, staging: GPUBuffer, last: number): Promise<IterationRows[]> {
    const { evaluation, buffers } = this.run
    const bytes = await this.ring.read(staging, this.bytes)
    const rows = this.decode(bytes, count)
    if (!evaluation || last % this.evalEvery !== 0) return rows
    const episodes = evaluation.read(bytes.slice(buffers.metrics.size))
    for (const [agent, row] of rows.at(-1)!.entries()) {
      if (row && row.status !== 'notFinite') Object.assign(row, evaluationMetrics(episodes[agent]))
    }
    return rows
  }

  private decode(bytes: ArrayBuffer, count: number): IterationRows[] {
    const { code } = this.run.kernels.control
    const { numAgents, batchSize } = this.run.sizes
    const layout = reflectStruct(code, 'Metrics')
    const view = new DataView(bytes)
    return Array.from({ length: count }, (_, slot) =>
      Array.from({ length: numAgents }, (_, agent) =>
        metricsRow(readStruct(layout, view, (slot * numAgents + agent) * layout.size), batchSize),
      ),
    )
  }

  destroy(): void {
    this.ring.destroy()
  }
}
