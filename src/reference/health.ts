import type { Floats } from './floats'

/** The buffers that are looked at, in the order in which they are searched: causes come before consequences. */
export const HEALTH_BUFFERS = ['obs', 'logits', 'values', 'rewards'] as const

export interface NotFinite {
  buffer: (typeof HEALTH_BUFFERS)[number]
  /** Flat index inside the buffer, padding included. */
  index: number
}

/** Infinity or NaN by its bits: all exponent bits set. The kernel must not compare floats, WGSL may assume them finite. */
export const isNotFiniteBits = (bits: number): boolean => (bits & 0x7f800000) === 0x7f800000

/** The first entry that is not finite, or null. The buffers are one agent's rollout, of any length. */
export function health(buffers: Record<(typeof HEALTH_BUFFERS)[number], Floats>): NotFinite | null {
  for (const buffer of HEALTH_BUFFERS) {
    const values = buffers[buffer]
    const words =
      values instanceof Float32Array ? new Uint32Array(values.buffer, values.byteOffset, values.length) : null
    for (let index = 0; index < values.length; index++) {
      if (words ? isNotFiniteBits(words[index]) : !Number.isFinite(values[index])) return { buffer, index }
    }
  }
  return null
}
