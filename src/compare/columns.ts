/** Columns of the GPU's records, and entry-by-entry comparison of numbers. */

import type { PpoConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import type { NetworkLayout } from '../model/network'
import { type RecordLayout, readMask } from '../plan/transition'
import type { StageDump } from './dump'

/** The GPU's iteration and everything needed to interpret it. */
export interface StageInputs {
  spec: EnvSpec
  config: PpoConfig
  layout: NetworkLayout
  record: RecordLayout
  dump: StageDump
}

/** One quantity on both sides. */
export interface Comparison {
  stage: string
  maxAbsError: number
  /** Largest |gpu - ref| / max(|ref|, 1e-6). */
  maxRelError: number
  /** Largest error allowed; absolute, relative where |ref| > 1. */
  limit: number
  ok: boolean
  /** Anything to add to the numbers. */
  note?: string
}

/**
 * Compares `gpu` with `reference`, entry by entry; an entry passes within limit x max(1, |reference|). A NaN on either
 * side, or a different length, fails.
 */
export function compareNumbers(
  stage: string,
  gpu: ArrayLike<number>,
  reference: ArrayLike<number>,
  limit: number,
): Comparison {
  let maxAbsError = 0
  let maxRelError = 0
  let ok = gpu.length === reference.length
  for (let i = 0; i < reference.length; i++) {
    const error = Math.abs(gpu[i] - reference[i])
    if (!(error <= limit * Math.max(1, Math.abs(reference[i])))) ok = false
    maxAbsError = Math.max(maxAbsError, error)
    maxRelError = Math.max(maxRelError, error / Math.max(Math.abs(reference[i]), 1e-6))
  }
  return { stage, maxAbsError, maxRelError, limit, ok }
}

/** Numbers `[at, at + width)` of records `[first, first + count)`, each row padded with zeros to `padded`. */
export function columns(
  records: Float32Array,
  layout: RecordLayout,
  at: number,
  first: number,
  count: number,
  width = 1,
  padded = width,
): Float64Array {
  const result = new Float64Array(count * padded)
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < width; k++) result[i * padded + k] = records[(first + i) * layout.stride + at + k]
  }
  return result
}

/** 1 where flags have `bit`, else 0. */
export const flagged = (flags: Float64Array, bit: number): Float64Array =>
  flags.map((value) => Number((value & bit) !== 0))

/** Which choices the first `count` records allow, [count][actionDim]; null without masks. */
export function masksOf(
  { shape }: NetworkLayout,
  record: RecordLayout,
  records: Float32Array,
  count: number,
): Float64Array | null {
  if (!shape.masked) return null
  const width = shape.actionDim
  const masks = new Float64Array(count * width)
  for (let i = 0; i < count; i++) {
    masks.set(readMask(records, i * record.stride + record.mask, record, width), i * width)
  }
  return masks
}
