/** What the commands know of the place where the GPU is. */

import type { AdapterChoice } from '../chrome/flags'
import type { AdapterFacts } from '../protocol/protocol'
import type { Call } from './calls'

/** A page in headless Chrome, or dawn.node in a process beside this one. Both run the same tasks. */
export const RUNTIMES = ['chrome', 'node'] as const
export type RuntimeKind = (typeof RUNTIMES)[number]

/** What the command line asks for. */
export interface RuntimeChoice {
  runtime?: RuntimeKind
  adapter?: AdapterChoice
}

export interface RuntimeFacts extends AdapterFacts {
  runtime: RuntimeKind
  /** Product and version of what brings WebGPU: Chrome, or dawn.node. */
  browser: string
}

export interface Runtime {
  facts: RuntimeFacts
  call: Call
  /** Idempotent. Pending calls reject. */
  close(): Promise<void>
}
