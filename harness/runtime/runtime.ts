/** The commands' interface to a process with a GPU. */

import type { AdapterWish } from '../chrome/flags'
import type { AdapterFacts } from '../protocol/protocol'
import type { Call } from './calls'

/** A page in headless Chrome, or dawn.node in a child process. Both run the same tasks. */
export const RUNTIMES = ['chrome', 'node'] as const
export type RuntimeKind = (typeof RUNTIMES)[number]

/** The choice on the command line. */
export interface RuntimeChoice {
  runtime?: RuntimeKind
  adapter?: AdapterWish
  /** The checkout whose built program runs there; default this one. */
  root?: string
}

export interface RuntimeFacts extends AdapterFacts {
  runtime: RuntimeKind
  /** Product and version of the WebGPU implementation: Chrome, or dawn.node. */
  browser: string
}

export interface Runtime {
  facts: RuntimeFacts
  /** Of the browser, or of the process of dawn.node. */
  pid: number
  call: Call
  /** Idempotent. Pending calls reject. */
  close(): Promise<void>
}
