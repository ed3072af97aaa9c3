/** The buffers that training goes on from. */
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
