/** Decides which rows to measure, from the time of an earlier row, without running them. */
import { LONG_UNIT, repeatsFor } from '../timing/timing'

/** The most seconds of a row of a scaling case, without its setup. */
export const ROW_SECONDS = 15
/** Seconds after which a bench of all cases starts no more rows. */
export const BENCH_SECONDS = 300

/** The time of a smaller size, or of a similar case, in the same plan. */
export interface Measured {
  /** Operations per unit, and its median seconds. */
  flops: number
  unitSeconds: number
  /** Seconds before the first unit: compilation, allocation. */
  setupSeconds: number
}

export interface Wanted {
  repeats: number
  repeatSeconds: number
}

/**
 * Predicted seconds of a row whose unit has `flops`, if time is proportional to work: setup, a warm-up, the repeats.
 */
export function predictSeconds(before: Measured, flops: number, { repeats, repeatSeconds }: Wanted): number {
  const unit = before.unitSeconds * (flops / before.flops)
  const repeat = Math.max(unit, repeatSeconds)
  return before.setupSeconds + (unit < LONG_UNIT ? 2 : 1) * repeat + repeat * repeatsFor(repeats, repeat)
}

export interface Budget {
  /** Seconds spent so far, and the total allowed. */
  spent: number
  bench: number
  /** The most seconds for this row. */
  row: number
}

/** Why a row is skipped; null if it is not. `predicted` is null if nothing similar was measured. */
export function whySkipped(predicted: number | null, { spent, bench, row }: Budget): string | null {
  const seconds = predicted === null ? '' : `${predicted.toFixed(0)} s predicted, `
  if ((predicted ?? 0) > row) return `${seconds}over the budget of ${row.toFixed(0)} s for a row`
  if (spent + (predicted ?? 0) <= bench) return null
  return `${seconds}after ${spent.toFixed(0)} s of the ${bench} s for a bench`
}
