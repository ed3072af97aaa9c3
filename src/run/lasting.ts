/**
 * A run that continues after its device is lost or hangs: it requests another one, restores the latest snapshot and
 * computes the later iterations again. An iteration is complete once its rows have been read back, so no row is given
 * twice.
 */
import { type Gpu, type GpuError, gpuName } from '../gpu/device'
import { closeGpu, dropGpu, type GpuSource, isGivenDevice } from '../gpu/source'
import type { PpoConfig } from '../options/options'
import type { Snapshot } from '../plan/kept'
import type { PpoEvents, TrainUpdate } from './api'
import { Changes } from './changes'
import { Listeners } from './events'
import { applyLive } from './live'
import { bringUp, free, isLoss, MOST_LOSSES, type Point, type Prepare, type Prepared } from './recovery'
import type { Run } from './run'
import { snapshotBytes, takeSnapshot } from './snapshot'
import type { Trainer, TrainerOptions } from './trainer'

/** How often, by default, a snapshot is stored in memory, and the largest size of one. */
const SNAPSHOT_EVERY = { seconds: 10 }
const MOST_SNAPSHOT_BYTES = 2 ** 28

export class LastingRun {
  private readonly events = new Listeners<PpoEvents>()
  private recovering: Promise<void> | undefined
  private readonly losses = { inARow: 0 }
  private disposed = false
  /** The device whose loss has been reported. */
  private told: Gpu | undefined
  /** The loss after which no other device is available. */
  private gone: GpuError | undefined
  private readonly changes: Changes

  private constructor(
    private current: Prepared,
    private point: Point,
    private readonly source: GpuSource,
    private readonly prepare: Prepare,
  ) {
    this.changes = new Changes(point.config)
    this.watch(this.gpu)
  }

  /** Requests a device and prepares a run on it. @param snapshot The state to continue from; null at the beginning. */
  static async open(
    source: GpuSource,
    prepare: Prepare,
    config: PpoConfig,
    snapshot: Snapshot | null,
  ): Promise<LastingRun> {
    const submitted = snapshot?.iterations ?? 0
    const point = { snapshot, submitted, config }
    const prepared = await bringUp(source, prepare, point, submitted, { inARow: 1 })
    return new LastingRun(prepared, point, source, prepare)
  }

  get run(): Run {
    return this.current.run
  }
  get trainer(): Trainer {
    return this.current.trainer
  }
  get gpu(): Gpu {
    return this.run.gpu
  }
  /** The current options. */
  get config(): PpoConfig {
    return this.changes.now
  }
  /** Whether snapshots of the run are small enough to store in memory. */
  get isKept(): boolean {
    return snapshotBytes(this.run) <= MOST_SNAPSHOT_BYTES
  }

  on<E extends keyof PpoEvents>(name: E, listener: (event: PpoEvents[E]) => void): () => void {
    return this.events.on(name, listener)
  }

  /** Trains like `Trainer.train`, on as many devices as needed. */
  async *train(options: TrainerOptions): AsyncGenerator<Omit<TrainUpdate, 'checkpoint'>, void, void> {
    const all: TrainerOptions = {
      snapshotEvery: this.isKept ? SNAPSHOT_EVERY : undefined,
      ...options,
      onSnapshot: (snapshot, submitted, config) => {
        this.point = { snapshot, submitted, config }
        options.onSnapshot?.(snapshot, submitted, config)
      },
    }
    for (;;) {
      const { trainer } = this
      try {
        for await (const update of this.changes.train(this.current, all)) {
          this.losses.inARow = 0
          yield update
        }
        return
      } catch (error) {
        await this.recover(error, trainer)
      }
    }
  }

  /** The whole state of training, after everything submitted so far; without a device, the stored snapshot. */
  async state(): Promise<Snapshot> {
    for (;;) {
      await this.recovering
      const { trainer } = this
      if (this.gone && this.point.snapshot) return this.point.snapshot
      try {
        await this.catchUp()
        const { snapshot, submitted, config } = this.point
        const isLatest = submitted === trainer.submitted && config === this.run.config
        return snapshot && isLatest ? snapshot : await this.take()
      } catch (error) {
        await this.recover(error, trainer)
      }
    }
  }

  /** Like `state`, during training; null if the device is lost meanwhile. */
  async snapshot(): Promise<Snapshot | null> {
    await this.recovering
    return this.take().catch((error) => {
      if (isLoss(error)) return null
      throw error
    })
  }

  /** While nothing is training: replaces a lost device, and continues up to the reported iterations. */
  async restore(): Promise<void> {
    for (;;) {
      await this.recovering
      const { trainer } = this
      try {
        this.gpu.check()
        return await this.catchUp()
      } catch (error) {
        await this.recover(error, trainer)
      }
    }
  }

  /**
   * Changes options that may change during training, from the next iteration on; resolves to the number of iterations
   * before it.
   */
  async change(config: PpoConfig): Promise<number> {
    const { trainer } = this
    return trainer.between(() => {
      const at = this.changes.again.length > 0 ? trainer.iterations : trainer.submitted
      if (this.changes.add({ at, config })) applyLive(this.run, config)
      return at
    })
  }

  private async take(): Promise<Snapshot> {
    const { run, trainer } = this
    const { reading, ...at } = await trainer.between(() => {
      return { reading: takeSnapshot(run), submitted: trainer.submitted, config: run.config }
    })
    const snapshot = await reading.catch((error) => run.gpu.explain(error))
    if (trainer === this.trainer && at.submitted >= this.point.submitted) this.point = { snapshot, ...at }
    return snapshot
  }

  /** Computes the iterations again that were reported before a loss; their rows are not given again. */
  private async catchUp(): Promise<void> {
    const { trainer, run } = this
    if (trainer.submitted >= trainer.iterations) return
    const totalTimesteps = trainer.iterations * run.sizes.batchSize
    for await (const _ of this.changes.train(this.current, { totalTimesteps }));
  }

  /** @throws `error` itself if it is not a loss of `failed`'s device, or if no device is available. */
  private async recover(error: unknown, failed: Trainer): Promise<void> {
    if (failed !== this.trainer) return // another call has already recovered
    if (this.disposed || !isLoss(error)) throw error
    this.recovering ??= this.replace(error).finally(() => {
      this.recovering = undefined
    })
    await this.recovering
  }

  private async replace(error: GpuError): Promise<void> {
    const start = performance.now()
    const { gpu, point, losses, source } = this
    const { iterations } = this.trainer
    this.tell(gpu, error.message)
    free(this.current)
    dropGpu(gpu, source)
    this.gone = error
    if (++losses.inARow > MOST_LOSSES || isGivenDevice(source)) throw error
    const next = await bringUp(source, this.prepare, point, iterations, losses, error)
    this.current = next
    this.gone = undefined
    this.changes.goBackTo(point.config)
    this.watch(this.gpu)
    const sameAdapter = gpuName(this.gpu) === gpuName(gpu)
    const ms = performance.now() - start
    this.events.emit('recovered', { from: point.snapshot?.iterations ?? 0, iterations, ms, sameAdapter })
  }

  /** Reports a loss when it happens, not when the next call finds it. */
  private watch(gpu: Gpu): void {
    void gpu.device.lost.then(({ message }) => {
      if (!this.disposed && gpu === this.gpu) this.tell(gpu, message)
    })
  }

  private tell(gpu: Gpu, message: string): void {
    if (this.told === gpu) return
    // Without a listener, right after the start, it is reported when training finds it.
    if (this.events.has('deviceLost')) this.told = gpu
    this.events.emit('deviceLost', { message, iterations: this.trainer.iterations })
  }

  dispose(): void {
    this.disposed = true
    free(this.current)
    closeGpu(this.gpu, this.source)
  }
}
