/** Comparison of numbers with those of a golden file. */

export type Side = 'gpu' | 'reference'

export interface Check {
  name: string
  side: Side
  /** max |actual - golden|; null if a number is not finite or the lengths differ, which always fails. */
  maxAbsError: number | null
  /** maxAbsError over the largest |golden| of the tensor. */
  maxRelError: number | null
  limit: number
  /** Which of the two errors the limit is for. */
  measure: 'abs' | 'rel'
  ok: boolean
  /** Remarks in words, if any. */
  note?: string
  /** Where the largest error is, and the numbers there; only if not ok. */
  worst?: string
}

/** `scaled`: absolute, the limit times max(1, largest |golden|). */
export interface Limit {
  limit: number
  measure: 'abs' | 'rel' | 'scaled'
}

/** Compares entry by entry. NaN, infinity or a different length never passes. */
export function check(
  name: string,
  side: Side,
  actual: ArrayLike<number>,
  golden: ArrayLike<number>,
  given: Limit,
): Check {
  let largest = 0
  let maxAbs = 0
  let worstAt = 0
  for (let i = 0; i < golden.length; i++) {
    const error = Math.abs(actual[i] - golden[i])
    largest = Math.max(largest, Math.abs(golden[i]))
    // The negated comparison is true for NaN as well.
    if (!(error <= maxAbs)) {
      maxAbs = Number.isFinite(error) ? error : Number.POSITIVE_INFINITY
      worstAt = i
    }
  }
  const broken = actual.length !== golden.length || !Number.isFinite(maxAbs)
  const maxRel = maxAbs === 0 ? 0 : maxAbs / largest
  const measure = given.measure === 'rel' ? 'rel' : 'abs'
  const limit = given.measure === 'scaled' ? given.limit * Math.max(1, largest) : given.limit
  const ok = !broken && (measure === 'rel' ? maxRel : maxAbs) <= limit
  const size = actual.length === golden.length ? '' : ` (${actual.length} numbers, golden ${golden.length})`
  const worst = ok ? {} : { worst: `[${worstAt}]: ${side} ${actual[worstAt]}, golden ${golden[worstAt]}${size}` }
  const finite = (value: number) => (broken || !Number.isFinite(value) ? null : value)
  return { name, side, maxAbsError: finite(maxAbs), maxRelError: finite(maxRel), limit, measure, ok, ...worst }
}
