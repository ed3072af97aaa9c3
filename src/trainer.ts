/** The loop around the dispatches: submits iterations, keeps three in flight, turns what comes back into rows. */
import { type Dispatch, encode } from './gpu/dispatch'
import { ReadbackRing } from './gpu/readback'
import { readStruct, reflectStruct } from './gpu/reflect'
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

/**
 * Floating-point operations in one submit: about 50 ms, far below what watchdogs allow (2 s on Windows). Cutting an
 * iteration into submits changes no result.
 */
const FLOPS_PER_SUBMIT = { software: 5e7, hardware: 2e10 }
/** Dispatches in one submit at most. */
const DISPATCHES_PER_SUBMIT = 4000

/** One iteration's rows, [agent]; null for an agent that had stopped before. */
type IterationRows = (MetricsRow | null)[]

export class Trainer {
  readonly calls: Calls = { submits: 0, iterations: 0, hostMs: 0 }
  readonly dispatchesPerIteration: number
  /** Iterations that have come back. */
  iterations = 0
  private readonly ring: ReadbackRing
  /** The dispatches of each metrics slot, cut into submits. */
  private readonly submits: Dispatch[][][]
  private submitted = 0
  private started = false
  /** No agent is running any more. */
  private done = false

  constructor(
    private readonly run: Run,
    private readonly reset: Dispatch[],
    iteration: (slot: number) => Dispatch[],
  ) {
    const slots = Array.from({ length: run.sizes.iterationsPerSubmit }, (_, slot) => iteration(slot))
    this.dispatchesPerIteration = slots[0].length
    const most = FLOPS_PER_SUBMIT[run.gpu.software ? 'software' : 'hardware']
    this.submits = slots.map((dispatches) => cut(dispatches, most))
    run.arena.upload()
    this.ring = new ReadbackRing(run.gpu.device, run.buffers.metrics.size)
  }

  async *train(options: TrainOptions = {}): AsyncGenerator<TrainUpdate, void, void> {
    const { batchSize, numAgents } = this.run.sizes
    const total = Math.floor((options.totalTimesteps ?? this.run.config.totalTimesteps) / batchSize)
    const start = performance.now()
    const firstIteration = this.iterations
    const inFlight: Promise<IterationRows[]>[] = []
    while (inFlight.length > 0 || this.wantsMore(total, options.signal)) {
      while (inFlight.length < 3 && this.wantsMore(total, options.signal)) {
        const read = this.submit(await this.ring.take())
        read.catch(() => undefined) // a failure is thrown where the rows are awaited, below
        inFlight.push(read)
      }
      const back = await inFlight.shift()!
      this.run.gpu.check()
      const rows = back.map((agents) => agents.filter((row) => row !== null)).filter((agents) => agents.length > 0)
      this.iterations += rows.length
      this.done = back.at(-1)!.every((row) => row === null || row.status !== 'running')
      if (rows.length === 0) continue
      const seconds = (performance.now() - start) / 1000
      const sps = ((this.iterations - firstIteration) * batchSize * numAgents) / seconds
      yield { ...rows.at(-1)![0], sps, rows }
    }
  }

  private wantsMore(total: number, signal: AbortSignal | undefined): boolean {
    return !this.done && !signal?.aborted && this.submitted < total
  }

  /** Encodes and submits one readback's worth of iterations, then asks for their metrics. */
  private submit(staging: GPUBuffer): Promise<IterationRows[]> {
    const { device } = this.run.gpu
    const { metrics } = this.run.buffers
    const before = performance.now()
    if (!this.started) this.submitList(this.reset)
    this.started = true
    for (const iteration of this.submits) {
      for (const dispatches of iteration) this.submitList(dispatches)
    }
    const encoder = device.createCommandEncoder({ label: 'metrics' })
    encoder.copyBufferToBuffer(metrics, 0, staging, 0, metrics.size)
    device.queue.submit([encoder.finish()])
    this.calls.submits++
    this.calls.iterations += this.submits.length
    this.submitted += this.submits.length
    this.calls.hostMs += performance.now() - before
    return this.ring.read(staging, metrics.size).then((bytes) => this.decode(bytes))
  }

  private submitList(dispatches: Dispatch[]): void {
    const { device } = this.run.gpu
    const encoder = device.createCommandEncoder({ label: 'iteration' })
    const pass = encoder.beginComputePass({ label: 'iteration' })
    encode(pass, this.run.arena, dispatches)
    pass.end()
    device.queue.submit([encoder.finish()])
    this.calls.submits++
  }

  private decode(bytes: ArrayBuffer): IterationRows[] {
    const { code } = this.run.kernels.control
    const { numAgents, batchSize } = this.run.sizes
    const layout = reflectStruct(code, 'Metrics')
    const view = new DataView(bytes)
    return this.submits.map((_, slot) =>
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
function cut(dispatches: Dispatch[], mostFlops: number): Dispatch[][] {
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
