import { dotProduct, solveInPlace, times } from './cholesky'
import type { Row } from './constraints'

/** More than it ever needs: each iteration ends in another set of active rows with a lower cost. */
const MOST_ITERATIONS = 100

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
  const a = Float64Array.from(cost(M, smooth, rows, warmstart) < cost(M, smooth, rows, smooth) ? warmstart : smooth)
  let polished = false
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const rest = residuals(rows, a)
    const away = times(M, difference(a, smooth))
    const direction = stepTo(M, rows, rest, away)
    const slopes = Float64Array.from(rows, ({ J }) => dotProduct(J, direction))
    const kept = rows.every((_, i) => rest[i] + slopes[i] < 0 === rest[i] < 0)
    const curvature = dotProduct(direction, times(M, direction))
    const size = kept ? 1 : search(dotProduct(direction, away), curvature, rows, rest, slopes)
    for (let j = 0; j < a.length; j++) a[j] += size * direction[j]
    // A second full step removes the rounding of the first.
    if (kept && polished) break
    polished = kept
  }
  return a
}

function difference(a: ArrayLike<number>, b: Float64Array): Float64Array {
  const result = new Float64Array(b.length)
  for (let j = 0; j < b.length; j++) result[j] = a[j] - b[j]
  return result
}

/** J a - aref of each row. */
function residuals(rows: readonly Row[], a: ArrayLike<number>): Float64Array {
  const rest = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) rest[i] = dotProduct(rows[i].J, a) - rows[i].aref
  return rest
}

/** Twice the cost of an acceleration. */
function cost(M: Float64Array, smooth: Float64Array, rows: readonly Row[], a: ArrayLike<number>): number {
  const away = difference(a, smooth)
  const rest = residuals(rows, a)
  return rows.reduce((sum, { D }, i) => sum + D * Math.min(0, rest[i]) ** 2, dotProduct(away, times(M, away)))
}

/** The full step of Newton's method: -H^-1 gradient, with H = M + sum of D J J^T over the active rows. */
function stepTo(M: Float64Array, rows: readonly Row[], rest: Float64Array, away: Float64Array): Float64Array {
  const n = away.length
  const H = M.slice()
  const direction = new Float64Array(n)
  for (let j = 0; j < n; j++) direction[j] = -away[j]
  for (let i = 0; i < rows.length; i++) {
    if (rest[i] >= 0) continue
    const { J, D } = rows[i]
    for (let j = 0; j < n; j++) {
      if (J[j] === 0) continue
      direction[j] -= D * rest[i] * J[j]
      for (let k = 0; k < n; k++) H[j * n + k] += D * J[j] * J[k]
    }
  }
  return solveInPlace(H, direction)
}

/**
 * The step length t at which slope + t curvature + sum of D min(0, rest + t slopes) slopes is 0: a function of t that rises in
 * straight pieces, which meet where a row becomes active or inactive.
 */
function search(
  slope: number,
  curvature: number,
  rows: readonly Row[],
  rest: Float64Array,
  slopes: Float64Array,
): number {
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
    if (piece >= bends.length) return ends[piece]
  }
}
