/** Which sizes of a scaling case are worth their time: decided from the size before, never by trying. */
import { repeatsFor } from '../timing'

/** Seconds that a scaling row may take, and after which no further one is begun. */
export const ROW_SECONDS = 15
export const BENCH_SECONDS = 300

/** What the size before, in the same plan, took. */
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
  return before.setupSeconds + 2 * repeat + repeat * repeatsFor(repeats, repeat)
}

/** Why a row is not begun; null when it is. `before` is null for the first size, which always runs. */
export function whySkipped(predicted: number | null, spentSeconds: number): string | null {
  if (predicted === null) return null
  const seconds = `${predicted.toFixed(0)} s predicted from the size before`
  if (predicted > ROW_SECONDS) return `${seconds}, over the budget of ${ROW_SECONDS} s for a row`
  if (spentSeconds + predicted > BENCH_SECONDS) {
    return `${seconds}, after ${spentSeconds.toFixed(0)} s of the ${BENCH_SECONDS} s for a bench`
  }
  return null
}
