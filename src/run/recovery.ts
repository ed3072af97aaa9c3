/** Bringing a run onto a device: the first one, or another one after a loss. */
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

/** Where a run goes on from. */
export interface Point {
  /** Null at the beginning. */
  snapshot: Snapshot | null
  /** Iterations that had been submitted before it, as the trainer counts them. */
  submitted: number
  /** The options at that time: some may change while agents train. */
  config: PpoConfig
}

/** Compiles and allocates on a device; writes the first weights unless a snapshot is put back next. */
export type Prepare = (gpu: Gpu, point: Point) => Promise<Prepared>

/** Losses with no row in between after which a run gives up. */
export const MOST_LOSSES = 5

/** A snapshot does not fit the run that is to go on from it. */
export class SnapshotError extends Error {
  override name = 'SnapshotError'
}

export const isLoss = (error: unknown): error is GpuError => error instanceof GpuError && error.exitCode === 5

/**
 * Gets a device, prepares a run on it, and puts `point` back. A device that is lost meanwhile is replaced.
 * @param reported Iterations whose rows were given before.
 * @param losses Losses in a row, those in here included.
 * @param lost What the device before was lost by.
 * @throws GpuError 5 when no device comes back or too many were lost; SnapshotError.
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
    // What the browser says of a call that a loss cut short explains nothing; the loss itself is told a moment later.
    if (error instanceof DOMException) return gpu.explain(error)
    throw error
  })
  const { run, trainer } = prepared
  try {
    gpu.check() // some calls on a lost device succeed all the same
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
