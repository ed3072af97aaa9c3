/** Prepares a run on a device: the first one, or another one after a loss. */
import { type Gpu, GpuError } from '../gpu/device'
import { closeGpu, dropGpu, type GpuSource, isGivenDevice, openGpu } from '../gpu/source'
import type { PpoConfig } from '../options/options'
import type { Snapshot } from '../plan/kept'
import { destroyRun, type Run } from './run'
import { restoreSnapshot } from './snapshot'
import type { Trainer } from './trainer'

export interface Prepared {
  run: Run
  trainer: Trainer
}

/** The state from which a run continues. */
export interface Point {
  /** Null at the beginning. */
  snapshot: Snapshot | null
  /** Iterations submitted before it, as the trainer counts them. */
  submitted: number
  /** The options at that time: some may change during training. */
  config: PpoConfig
}

/** Compiles and allocates on a device; writes the initial weights unless a snapshot is restored next. */
export type Prepare = (gpu: Gpu, point: Point) => Promise<Prepared>

/** A run gives up after this many losses without a row in between. */
export const MOST_LOSSES = 5

/** A snapshot does not fit the run that should continue from it. */
export class SnapshotError extends Error {
  override name = 'SnapshotError'
}

export const isLoss = (error: unknown): error is GpuError => error instanceof GpuError && error.exitCode === 5

/**
 * Requests a device, prepares a run on it, and restores `point`. A device that is lost meanwhile is replaced.
 * @param reported Iterations whose rows were given before.
 * @param losses Losses in a row, including those in here.
 * @param lost The loss of the device before.
 * @throws GpuError 5 if no device is available or too many were lost; SnapshotError.
 */
export async function bringUp(
  source: GpuSource,
  prepare: Prepare,
  point: Point,
  reported: number,
  losses: { inARow: number },
  lost?: GpuError,
): Promise<Prepared> {
  for (let before = lost; ; ) {
    const gpu = await openGpu(source, before)
    try {
      return await bringOnto(gpu, prepare, point, reported)
    } catch (error) {
      if (!isLoss(error)) {
        closeGpu(gpu, source)
        throw error
      }
      dropGpu(gpu, source)
      if (++losses.inARow > MOST_LOSSES || isGivenDevice(source)) throw error
      before = error
    }
  }
}

async function bringOnto(gpu: Gpu, prepare: Prepare, point: Point, reported: number): Promise<Prepared> {
  const prepared = await prepare(gpu, point).catch((error) => {
    // After a loss the browser's error for the failed call explains nothing; the loss itself is reported a moment
    // later.
    if (error instanceof DOMException) return gpu.explain(error)
    throw error
  })
  const { run, trainer } = prepared
  try {
    gpu.check() // some calls on a lost device still succeed
    if (point.snapshot && !restoreSnapshot(run, point.snapshot)) {
      throw new SnapshotError('The snapshot is of another run: its buffers have other sizes.')
    }
    trainer.resume(point.submitted, reported)
    return prepared
  } catch (error) {
    free(prepared)
    throw error
  }
}

/** Frees everything on the GPU; the device stays. */
export function free({ run, trainer }: Prepared): void {
  trainer.destroy()
  destroyRun(run)
}
