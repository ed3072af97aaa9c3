/** Where the batches of a sweep are computed: on this machine, or by workers. */
import type { Batch, FileStore, TrialResult, WorkerStatus } from '../../src/sweep/types'

export interface PoolEvents {
  /** A result of a batch that was submitted; the same one may come twice. */
  result(result: TrialResult): void
  /** Something that came and was not taken, in one line: `result of trial 7 from a worker that does not hold it`. */
  refused(what: string): void
  /** Every second or so: all workers that have spoken lately. */
  workers(workers: WorkerStatus[]): void
  /** Without it nothing can go on. */
  failed(error: Error): void
}

export interface Pool {
  files: FileStore
  /** How many trials may be submitted without a result before more are of no use; it may change. */
  readonly room: number
  /** Hands a batch out; a batch that is there already (same sweep and id) is not handed out again. */
  submit(batch: Batch): Promise<void>
  /** The files are not needed any more. */
  forget(names: string[]): Promise<void>
  /** Ends the work. With `finished` the sweep is over, and what the pool keeps of it is removed. */
  close(finished: boolean): Promise<void>
}

/**
 * The room of a pool of many workers: two batches for each, so that nobody waits for the coordinator.
 * @param largest Members of the largest batch so far.
 */
export const roomFor = (workers: number, largest: number): number => Math.max(4096, 2 * workers * largest)

/** Opens a pool; the results of earlier sessions that are still kept there come as events too. */
export type OpenPool = (sweep: string, events: PoolEvents) => Promise<Pool>
