/** The buffers that contain the state of training. */

import { largest, smallest } from '../extremes'
import { wgslConstant } from '../gpu/shaders'
import type { BufferName } from './buffers'

/** Buffers that an iteration passes to the next one; it overwrites all others before reading them. */
export const KEPT = [
  'parameters',
  'moments',
  'progress',
  'stop',
  'env_states',
  'episodes',
  'return_window',
  'normaliser',
  'frames',
  'best',
  'best_parameters',
  'best_statistics',
] as const satisfies BufferName[]
export type KeptBuffer = (typeof KEPT)[number]

/** Their contents, between two iterations. */
export interface Snapshot {
  /** Number of completed iterations: see `iterationsDone`. */
  iterations: number
  /** Contents of the buffers, with the layout of src/plan/buffers.ts. */
  buffers: Partial<Record<KeptBuffer, ArrayBuffer>>
}

/** `status` in `progress` of an agent that is still training. */
export const RUNNING = wgslConstant('shaders/lib/data/agent.wgsl', 'RUNNING')

/**
 * Completed iterations of a run: those of the agents that are still training. An agent that stopped keeps its count,
 * which is used only if all have stopped: then it is the largest.
 */
export function iterationsDone(iterations: ArrayLike<number>, status: ArrayLike<number>): number {
  const all = Array.from(iterations)
  const running = all.filter((_, agent) => status[agent] === RUNNING)
  return running.length > 0 ? smallest(running) : largest(all, 0)
}
