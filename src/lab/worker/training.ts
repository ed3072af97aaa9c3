/** The run in the Worker: it trains when told to, and continues after a loss of its device. */
import { derivedSizes, type PpoConfig } from '../../config/config'
import type { EnvSpec } from '../../env/contract'
import type { Gpu } from '../../gpu/device'
import { encode } from '../../gpu/dispatch'
import type { SharedGpu } from '../../gpu/shared'
import { diagnose } from '../../metrics/diagnosis'
import { actionScale } from '../../model/actions'
import { agentConfig } from '../../options/sweep'
import { reset } from '../../plan/iteration'
import { policyFile } from '../../policy/policyfile'
import type { PpoEvents } from '../../run/api'
import { normalisersIn } from '../../run/hyper'
import type { LastingRun } from '../../run/lasting'
import { withLive } from '../../run/live'
import { openRun } from '../../run/open'
import { originOf } from '../../run/origin'
import { SnapshotError } from '../../run/recovery'
import { bindAll, type Run } from '../../run/run'
import { snapshotBytes, takeSnapshot } from '../../run/snapshot'
import type { RunChoice, Snapshot, Standing, Weights } from '../protocol'
import { type News, Progress } from './progress'
import { GpuShare } from './share'
import { specOf } from './spec'

/** Larger runs are not saved: a reload starts them again. */
const MOST_SNAPSHOT_BYTES = 64 * 2 ** 20

/** A saved policy, or a saved run. */
export interface Origin {
  weights?: Weights
  snapshot?: Snapshot
}

export class Training {
  private readonly progress: Progress
  private abort: AbortController | undefined
  private loop: Promise<void> | undefined
  private iterationsPerSecond = 0
  private failed = false

  private constructor(
    readonly spec: EnvSpec,
    private readonly lasting: LastingRun,
    private readonly share: GpuShare,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.progress = new Progress(lasting.run.sizes.numAgents)
  }

  /** @param onFailure Called with the error that ends training. */
  static async open(
    shared: SharedGpu,
    choice: RunChoice,
    { weights, snapshot }: Origin,
    onFailure: (error: unknown) => void,
  ): Promise<Training> {
    const spec = specOf(choice)
    const share = new GpuShare()
    const beginning = { env: spec, config: choice.config, shared, weights, onTrainer: share.take.bind(share) }
    const lasting = await openRun({ ...beginning, snapshot }).catch((error) => {
      // An earlier version of this page may have saved one that no longer fits.
      if (error instanceof SnapshotError) return openRun(beginning)
      throw error
    })
    return new Training(spec, lasting, share, onFailure)
  }

  on<E extends keyof PpoEvents>(name: E, listener: (event: PpoEvents[E]) => void): void {
    this.lasting.on(name, listener)
  }

  /** On the current device; after a loss, on another one. */
  get run(): Run {
    return this.lasting.run
  }
  get gpu(): Gpu {
    return this.lasting.gpu
  }
  get config(): PpoConfig {
    return this.lasting.config
  }
  get iterations(): number {
    return this.lasting.trainer.iterations
  }
  get dispatchesPerIteration(): number {
    return this.lasting.trainer.dispatchesPerIteration
  }
  get playing(): boolean {
    return this.abort !== undefined
  }
  private get done(): boolean {
    return this.progress.stopped || this.iterations >= derivedSizes(this.config).numIterations
  }

  set visible(visible: boolean) {
    this.share.visible = visible
  }

  setPace(iterationsPerSecond: number): void {
    this.iterationsPerSecond = iterationsPerSecond
  }
  /** Resolves to the timesteps before the first iteration with the new options. */
  async setLive(config: PpoConfig): Promise<number> {
    return (await this.lasting.change(withLive(this.config, config))) * this.run.sizes.batchSize
  }

  /** Puts the environments into their first states, so that they can be drawn before the first iteration. */
  resetEnvs(): void {
    if (this.lasting.trainer.submitted > 0) return
    const { run } = this
    const encoder = run.gpu.device.createCommandEncoder({ label: 'reset' })
    const pass = encoder.beginComputePass({ label: 'reset' })
    encode(pass, run.arena, bindAll(run, reset(run))) // the arena has these arguments already
    pass.end()
    run.gpu.device.queue.submit([encoder.finish()])
  }

  /** Trains until `pause`, the end of the run, or `iterations` more. */
  async play(iterations = Number.POSITIVE_INFINITY): Promise<void> {
    await this.pause()
    if (this.done) return
    this.abort = new AbortController()
    this.failed = false
    this.progress.begin(this.iterations)
    this.loop = this.train(this.iterations + iterations, this.abort.signal)
      .catch((error) => this.fail(error))
      .finally(() => {
        this.abort = undefined
      })
    if (Number.isFinite(iterations)) await this.loop
  }

  /** Resolves when none of the run's work is in flight. */
  async pause(): Promise<void> {
    this.abort?.abort()
    await this.loop
    await this.restore()
  }

  /** When nothing is training, replaces a lost device by another one; training does this itself. */
  async restore(): Promise<void> {
    if (this.playing || this.failed) return
    await this.lasting.restore().catch((error) => this.fail(error))
  }

  private fail(error: unknown): void {
    this.failed = true
    this.onFailure(error)
  }

  private async train(until: number, signal: AbortSignal): Promise<void> {
    const { batchSize } = this.run.sizes
    while (!signal.aborted && !this.done && this.iterations < until) {
      const limited = this.iterationsPerSecond > 0
      const target = limited ? Math.min(until, this.iterations + 1) : until
      const totalTimesteps = Math.min(target * batchSize, this.config.totalTimesteps)
      const before = performance.now()
      const { iterations } = this
      for await (const { rows } of this.lasting.train({ totalTimesteps, signal })) {
        this.progress.take(rows, this.iterations)
        if (limited !== this.iterationsPerSecond > 0) break
      }
      if (this.iterations === iterations) return // every agent had stopped
      if (limited && this.iterations < until) {
        await sleep(1000 / this.iterationsPerSecond - (performance.now() - before), signal)
      }
    }
  }

  takeNews(): News {
    return this.progress.takeNews()
  }
  standing(pictures: Pick<Standing, 'fps' | 'drawn'>): Standing {
    const how = this.progress.standing(this.iterations, this.run.sizes, this.playing)
    const diagnosis = diagnose(this.progress.rows, agentConfig(this.config, 0), this.spec)
    return { ...how, diagnosis, ...pictures, submit: this.share.submit }
  }

  /** The policy of agent `agent` as a safetensors file. */
  async policy(agent: number): Promise<Uint8Array> {
    await this.restore()
    const { run, spec } = this
    const { paramStride, shape } = run.layout
    const { buffers } = await takeSnapshot(run).catch((error) => run.gpu.explain(error))
    const own = new Float32Array(buffers.parameters!).slice(agent * paramStride, (agent + 1) * paramStride)
    const normaliser = normalisersIn(run, buffers.normaliser)[agent]
    return policyFile(spec, shape, own, normaliser, actionScale(spec, run.config), originOf(run, buffers, agent))
  }

  /** The whole state of training; null if it is too large to save, or the device has just been lost. */
  async snapshot(): Promise<Snapshot | null> {
    if (snapshotBytes(this.run) > MOST_SNAPSHOT_BYTES) return null
    const taken = await this.lasting.snapshot()
    return taken && { ...taken, choice: { env: this.spec.id, config: this.config } }
  }

  async close(): Promise<void> {
    this.abort?.abort()
    await this.loop
    this.lasting.dispose()
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(end, Math.max(ms, 0))
    signal.addEventListener('abort', end, { once: true })
  })
}
