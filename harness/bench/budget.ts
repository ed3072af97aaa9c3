/** Which rows are worth their time: decided from one that was measured before, never by trying. */
import { LONG_UNIT, repeatsFor } from '../timing/timing'

/** Seconds that a row of a scaling case may take besides its setup. */
export const ROW_SECONDS = 15
/** Seconds after which a bench of all cases begins no further row. */
export const BENCH_SECONDS = 300

/** What a smaller size, or a case like this one, took in the same plan. */
export interface Measured {
  /** Operations of one unit, and its median seconds. */
  flops: number
  unitSeconds: number
  /** Seconds before the first unit: compilation, allocation. */
  setupSeconds: number
}

export interface Wanted {
  repeats: number
  repeatSeconds: number
}

/** Seconds of a row whose unit has `flops`, when time grows with work: setup, a warm-up, the repeats. */
export function predictSeconds(before: Measured, flops: number, { repeats, repeatSeconds }: Wanted): number {
  const unit = before.unitSeconds * (flops / before.flops)
  const repeat = Math.max(unit, repeatSeconds)
  return before.setupSeconds + (unit < LONG_UNIT ? 2 : 1) * repeat + repeat * repeatsFor(repeats, repeat)
}

export interface Budget {
  /** Seconds that were spent, and that there are in all. */
  spent: number
  bench: number
  /** Seconds that this row may take. */
  row: number
}

/** Why a row is not begun; null when it is. `predicted` is null where nothing like it was measured. */
export function whySkipped(predicted: number | null, { spent, bench, row }: Budget): string | null {
  const seconds = predicted === null ? '' : `${predicted.toFixed(0)} s predicted, `
  if ((predicted ?? 0) > row) return `${seconds}over the budget of ${row.toFixed(0)} s for a row`
  if (spent + (predicted ?? 0) <= bench) return null
  return `${seconds}after ${spent.toFixed(0)} s of the ${bench} s for a bench`
}
