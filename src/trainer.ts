/** The loop around the dispatches: submits iterations, keeps three in flight, turns what comes back into rows. */
import { type Dispatch, encode } from './gpu/dispatch'
import { ReadbackRing } from './gpu/readback'
import { readStruct, reflectStruct } from './gpu/reflect'
import { maxFlops } from './iteration'
import { type MetricsRow, metricsRow } from './metrics'
import type { TrainOptions, TrainUpdate } from './ppo'
import type { Run } from './run'

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

export class Trainer {
  readonly calls: Calls = { submits: 0, iterations: 0, hostMs: 0 }
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
  private submitted = 0
  private started = false
  /** No agent is running any more. */
  private done = false

  constructor(
    private readonly run: Run,
    private readonly reset: Dispatch[],
    iteration: (slot: number) => Dispatch[],
  ) {
    this.slots = Array.from({ length: run.sizes.iterationsPerSubmit }, (_, slot) => iteration(slot))
    this.dispatchesPerIteration = this.slots[0].length
    this.latest = Array.from({ length: run.sizes.numAgents }, () => null)
    run.arena.upload()
    this.ring = new ReadbackRing(run.gpu.device, run.buffers.metrics.size)
  }

  /** Takes up a run whose buffers stand as they did after `iterations`. */
  resume(iterations: number): void {
    this.started = true
    this.submitted = this.iterations = iterations
  }

  async *train(options: TrainOptions = {}): AsyncGenerator<TrainUpdate, void, void> {
    const { batchSize, numAgents } = this.run.sizes
    const total = Math.floor((options.totalTimesteps ?? this.run.config.totalTimesteps) / batchSize)
    const start = performance.now()
    const firstIteration = this.iterations
    const waiting: Promise<IterationRows[]>[] = []
    while (waiting.length > 0 || this.wantsMore(total, options.signal)) {
      while (waiting.length < this.inFlight && this.wantsMore(total, options.signal)) {
        const read = this.submit(await this.ring.take(), Math.min(this.slots.length, total - this.submitted))
        read.catch(() => undefined) // a failure is thrown where the rows are awaited, below
        waiting.push(read)
      }
      const back = await waiting.shift()!.catch((error) => this.run.gpu.explain(error))
      this.run.gpu.check()
      const rows = back.filter((agents) => agents.some((row) => row !== null))
      this.iterations += rows.length
      this.done = back.at(-1)!.every((row) => row === null || row.status !== 'running')
      if (rows.length === 0) continue
      const seconds = (performance.now() - start) / 1000
      const sps = ((this.iterations - firstIteration) * batchSize * numAgents) / seconds
      this.latest = this.latest.map((row, agent) => rows.findLast((agents) => agents[agent])?.[agent] ?? row)
      yield { ...this.latest[0]!, sps, rows }
    }
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
