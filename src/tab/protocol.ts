/** Messages between the page and its Worker. */
import type { WorkerStatus } from '../sweep/types'
import type { Address } from './address'

/** With `hurry` the page is about to go, and its Worker with it. */
export type ToWorker = { type: 'start'; address: Address } | { type: 'stop'; hurry: boolean }

export type FromWorker =
  /** A connection to the server; or it is away, and is tried again. */
  | { type: 'connected' | 'away' }
  | { type: 'status'; status: WorkerStatus }
  /** The environment of the batch in work. */
  | { type: 'env'; env: string }
  /** A line for the person at the tab. */
  | { type: 'said'; line: string }
  /** The end, with an error unless it was asked for. */
  | { type: 'ended'; error: string | null }
