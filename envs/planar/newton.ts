import { solveInPlace, times } from './cholesky'
import type { Row } from './constraints'

/** More than it ever needs: each iteration ends in another set of active rows with a lower cost. */
const MOST_ITERATIONS = 100

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j]
  return sum
}

/**
 * The acceleration a with the least 1/2 (a - a0)^T M (a - a0) + 1/2 sum of D min(0, J a - aref)^2: Gauss's principle with soft
 * constraints (Todorov 2014). Newton's method over sets of active rows, those with J a < aref: the cost is quadratic while
 * the set stays, so a full step that keeps it is the exact minimum. Otherwise an exact search along the step.
 * `smooth`: a0, the acceleration without constraints. `warmstart`: where to start, unless a0 is cheaper.
 */
export function solveNewton(
  M: Float64Array,
  smooth: Float64Array,
  rows: readonly Row[],
  warmstart: ArrayLike<number>,
): Float64Array {
  if (rows.length === 0) return smooth
  const n = smooth.length
  const cost = (a: ArrayLike<number>): number => {
    const away = smooth.map((x, j) => a[j] - x)
    const violated = rows.reduce((sum, { J, D, aref }) => sum + D * Math.min(0, dot(J, a) - aref) ** 2, 0)
    return dot(away, times(M, away)) + violated
  }
  const a = Float64Array.from(cost(warmstart) < cost(smooth) ? warmstart : smooth)
  let polished = false
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const rest = rows.map(({ J, aref }) => dot(J, a) - aref)
    const away = times(
      M,
      smooth.map((x, j) => a[j] - x),
    )
    const H = M.slice()
    const direction = away.map((x) => -x)
    rows.forEach(({ J, D }, i) => {
      if (rest[i] >= 0) return
      for (let j = 0; j < n; j++) {
        direction[j] -= D * rest[i] * J[j]
        for (let k = 0; k < n; k++) H[j * n + k] += D * J[j] * J[k]
      }
    })
    solveInPlace(H, direction)
    const slopes = rows.map(({ J }) => dot(J, direction))
    const kept = rows.every((_, i) => rest[i] + slopes[i] < 0 === rest[i] < 0)
    const size = kept ? 1 : search(dot(direction, away), dot(direction, times(M, direction)), rows, rest, slopes)
    for (let j = 0; j < n; j++) a[j] += size * direction[j]
    // A second full step removes the rounding of the first.
    if (kept && polished) break
    polished = kept
  }
  return a
}

/**
 * The step length t at which slope + t curvature + sum of D min(0, rest + t slopes) slopes is 0: a function of t that rises in
 * straight pieces, which meet where a row becomes active or inactive.
 */
function search(slope: number, curvature: number, rows: readonly Row[], rest: number[], slopes: number[]): number {
  const bends = rows.flatMap((_, i) => (slopes[i] === 0 ? [] : [-rest[i] / slopes[i]])).filter((t) => t > 0)
  const ends = [0, ...bends.sort((s, t) => s - t)]
  for (let piece = 0; ; piece++) {
    const end = ends[piece + 1] ?? Number.POSITIVE_INFINITY
    const inside = end === Number.POSITIVE_INFINITY ? ends[piece] + 1 : (ends[piece] + end) / 2
    let value = slope
    let rise = curvature
    rows.forEach(({ D }, i) => {
      if (rest[i] + inside * slopes[i] >= 0) return
      value += D * rest[i] * slopes[i]
      rise += D * slopes[i] * slopes[i]
    })
    const zero = -value / rise
    if (zero <= end) return Math.max(zero, ends[piece])
  }
}
