/**
 * A run that outlives its device: when the device is lost or hangs, it gets another one, puts the latest snapshot back and
 * computes what came after it again. An iteration counts once its rows have come back, so nothing is given twice.
 */

import { type Gpu, GpuError, gpuName } from '../gpu/device'
import { closeGpu, type GpuSource, isGivenDevice, openGpu } from '../gpu/source'
import type { Snapshot } from '../plan/kept'
import type { PpoEvents, TrainUpdate } from './api'
import { destroyRun, type Run } from './run'
import { restoreSnapshot, snapshotBytes, takeSnapshot } from './snapshot'
import type { Trainer, TrainerOptions } from './trainer'

export interface Prepared {
  run: Run
  trainer: Trainer
}

/** Compiles and allocates on a device; writes the first weights unless a snapshot is put back next. */
type Prepare = (gpu: Gpu, goesOn: boolean) => Promise<Prepared>

/** Without another wish, how often a snapshot is kept in memory, and how large it may be. */
const SNAPSHOT_EVERY = { seconds: 10 }
const MOST_SNAPSHOT_BYTES = 2 ** 28

/** Losses with no row in between after which the run gives up. */
const MOST_LOSSES = 5

export class LastingRun {
  private listeners: { [E in keyof PpoEvents]: Set<(event: PpoEvents[E]) => void> } = {
    deviceLost: new Set(),
    recovered: new Set(),
  }
  private recovering: Promise<void> | undefined
  private lossesInARow = 0
  private disposed = false
  /** The device whose loss has been told. */
  private told: Gpu | undefined
  /** Why no device is left to go on with. */
  private gone: GpuError | undefined
  /** Iterations that had been submitted before `snapshot`. */
  private snapshotAt: number

  private constructor(
    public gpu: Gpu,
    private current: Prepared,
    private snapshot: Snapshot | null,
    private readonly source: GpuSource,
    private readonly prepare: Prepare,
  ) {
    this.snapshotAt = current.trainer.submitted
    this.watch(gpu)
  }

  /**
   * Gets a device and prepares a run on it.
   * @param prepare Compiles, allocates and, where there is no snapshot, writes the first weights.
   * @param snapshot Where the run goes on from; null at the beginning.
   */
  static async open(source: GpuSource, prepare: Prepare, snapshot: Snapshot | null): Promise<LastingRun> {
    let lost: GpuError | undefined
    for (let loss = 1; ; loss++) {
      const gpu = await openGpu(source, lost)
      try {
        const prepared = await prepareOn(gpu, () => prepare(gpu, snapshot !== null))
        if (snapshot) putBack(prepared, snapshot, snapshot.iterations)
        return new LastingRun(gpu, prepared, snapshot, source, prepare)
      } catch (error) {
        closeGpu(gpu, source)
        if (!isLoss(error) || loss === MOST_LOSSES || isGivenDevice(source)) throw error
        lost = error
      }
    }
  }

  get run(): Run {
    return this.current.run
  }
  get trainer(): Trainer {
    return this.current.trainer
  }

  on<E extends keyof PpoEvents>(name: E, listener: (event: PpoEvents[E]) => void): () => void {
    this.listeners[name].add(listener)
    return () => void this.listeners[name].delete(listener)
  }

  private emit<E extends keyof PpoEvents>(name: E, event: PpoEvents[E]): void {
    for (const listener of this.listeners[name]) listener(event)
  }

  /** Trains as `Trainer.train` does, on as many devices as it takes. */
  async *train(options: TrainerOptions): AsyncGenerator<Omit<TrainUpdate, 'checkpoint'>, void, void> {
    const kept = snapshotBytes(this.run) <= MOST_SNAPSHOT_BYTES
    const all: TrainerOptions = {
      snapshotEvery: kept ? SNAPSHOT_EVERY : undefined,
      ...options,
      onSnapshot: (snapshot, submitted) => {
        this.snapshot = snapshot
        this.snapshotAt = submitted
        options.onSnapshot?.(snapshot, submitted)
      },
    }
    for (;;) {
      const { trainer } = this
      try {
        for await (const update of trainer.train(all)) {
          this.lossesInARow = 0
          yield update
        }
        if (kept) await this.state()
        return
      } catch (error) {
        await this.recover(error, trainer)
      }
    }
  }

  /** Everything that training goes on from, after all that has been submitted; without a device, what is kept of it. */
  async state(): Promise<Snapshot> {
    for (;;) {
      await this.recovering
      const { run, trainer } = this
      if (this.gone && this.snapshot) return this.snapshot
      if (this.snapshot && this.snapshotAt === trainer.submitted) return this.snapshot
      try {
        const { submitted } = trainer
        const snapshot = await takeSnapshot(run).catch((error) => run.gpu.explain(error))
        if (trainer === this.trainer) {
          this.snapshot = snapshot
          this.snapshotAt = submitted
        }
        return snapshot
      } catch (error) {
        await this.recover(error, trainer)
        await this.catchUp()
      }
    }
  }

  /** Computes again what had come back before the loss; its rows are not given again. */
  private async catchUp(): Promise<void> {
    const { trainer, run } = this
    const totalTimesteps = trainer.iterations * run.sizes.batchSize
    for await (const _ of trainer.train({ totalTimesteps }));
  }

  /** @throws `error` itself when it is no loss of `failed`'s device, or when no device comes back. */
  private async recover(error: unknown, failed: Trainer): Promise<void> {
    if (failed !== this.trainer) return // another call has been here
    if (this.disposed || !isLoss(error)) throw error
    this.recovering ??= this.replace(error).finally(() => {
      this.recovering = undefined
    })
    await this.recovering
  }

  private async replace(error: GpuError): Promise<void> {
    const start = performance.now()
    const { gpu, run, trainer, snapshot, snapshotAt } = this
    const { iterations } = trainer
    this.tell(gpu, error.message)
    trainer.destroy()
    destroyRun(run)
    closeGpu(gpu, this.source)
    this.gone = error
    while (++this.lossesInARow <= MOST_LOSSES && !isGivenDevice(this.source)) {
      const next = await openGpu(this.source, error)
      try {
        const prepared = await prepareOn(next, () => this.prepare(next, snapshot !== null))
        putBack(prepared, snapshot, iterations, snapshotAt)
        this.gpu = next
        this.current = prepared
        this.gone = undefined
        this.watch(next)
        const sameAdapter = gpuName(next) === gpuName(gpu)
        const ms = performance.now() - start
        this.emit('recovered', { from: snapshot?.iterations ?? 0, iterations, ms, sameAdapter })
        return
      } catch (again) {
        closeGpu(next, this.source)
        if (!isLoss(again)) throw again
        this.gone = again
      }
    }
    throw this.gone
  }

  /** A loss is told when it happens, not when the next call meets it. */
  private watch(gpu: Gpu): void {
    void gpu.device.lost.then(({ message }) => {
      if (!this.disposed && gpu === this.gpu) this.tell(gpu, message)
    })
  }

  private tell(gpu: Gpu, message: string): void {
    if (this.told === gpu) return
    // Without a listener, right after the start, it is told when training meets it.
    if (this.listeners.deviceLost.size > 0) this.told = gpu
    this.emit('deviceLost', { message, iterations: this.trainer.iterations })
  }

  dispose(): void {
    this.disposed = true
    destroyRun(this.run)
    this.trainer.destroy()
    closeGpu(this.gpu, this.source)
  }
}

const isLoss = (error: unknown): error is GpuError => error instanceof GpuError && error.exitCode === 5

/** @throws GpuError 5 when the device was lost meanwhile: some calls on a lost device succeed all the same. */
async function prepareOn(gpu: Gpu, prepare: () => Promise<Prepared>): Promise<Prepared> {
  const prepared = await prepare().catch((error) => {
    // What the browser says of a call that a loss cut short explains nothing; the loss itself is told a moment later.
    if (error instanceof DOMException) return gpu.explain(error)
    throw error
  })
  gpu.check()
  return prepared
}

/** @param submitted Iterations before the snapshot, as the trainer that goes on counts them. */
function putBack(
  { run, trainer }: Prepared,
  snapshot: Snapshot | null,
  reported: number,
  submitted = snapshot?.iterations,
): void {
  if (snapshot && !restoreSnapshot(run, snapshot)) throw new Error('the snapshot is of another run')
  trainer.resume(snapshot && submitted !== undefined ? submitted : 0, reported)
}
