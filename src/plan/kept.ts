/** The buffers that training goes on from. */

import { largest, smallest } from '../extremes'
import { wgslConstant } from '../gpu/shaders'
import type { BufferName } from './buffers'

/** What an iteration leaves to the next one; all else it writes before it reads. */
export const KEPT = [
  'parameters',
  'moments',
  'progress',
  'stop',
  'env_states',
  'episodes',
  'return_window',
  'normaliser',
] as const satisfies BufferName[]
export type KeptBuffer = (typeof KEPT)[number]

/** Their contents, between two iterations. */
export interface Snapshot {
  /** Iterations that it is the outcome of: see `iterationsDone`. */
  iterations: number
  /** Contents of the buffers, as src/plan/buffers.ts lays them out. */
  buffers: Partial<Record<KeptBuffer, ArrayBuffer>>
}

/** `status` in `progress` of an agent that has more before it. */
export const RUNNING = wgslConstant('shaders/lib/data/agent.wgsl', 'RUNNING')

/**
 * Iterations that a run has behind it: those of the last of the agents that have more before them. Agents that stopped keep
 * the count at which they did, and tell only when all have: the longest then.
 */
export function iterationsDone(iterations: ArrayLike<number>, status: ArrayLike<number>): number {
  const all = Array.from(iterations)
  const running = all.filter((_, agent) => status[agent] === RUNNING)
  return running.length > 0 ? smallest(running) : largest(all, 0)
}
