/** Largest difference between two tensors, with its place. */
export interface Difference {
  /** max |actual - expected|. */
  maxAbs: number
  /** maxAbs over the largest |expected|; what "1e-9 relative" means for a tensor. */
  relative: number
  /** max |actual - expected| / |expected|, entry by entry. */
  elementwise: number
  index: number
}

/** Compares entry by entry. NaN anywhere, or a different length, is an infinite difference. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): Difference {
  const result: Difference = { maxAbs: 0, relative: 0, elementwise: 0, index: -1 }
  if (actual.length !== expected.length)
    return { maxAbs: Infinity, relative: Infinity, elementwise: Infinity, index: -1 }
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    const raw = Math.abs(actual[i] - expected[i])
    const error = Number.isNaN(raw) ? Infinity : raw
    largest = Math.max(largest, Math.abs(expected[i]))
    if (error > 0) result.elementwise = Math.max(result.elementwise, error / Math.abs(expected[i]))
    if (error > result.maxAbs) {
      result.maxAbs = error
      result.index = i
    }
  }
  result.relative = result.maxAbs === 0 ? 0 : result.maxAbs / largest
  return result
}

/** Throws, naming place and size, unless `actual` is within `limit` of `expected` relative to its largest entry. */
export function expectClose(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, limit = 1e-9): void {
  const { relative, index } = difference(actual, expected)
  if (relative <= limit) return
  throw new Error(
    `${name}[${index}]: reference ${actual[index]}, golden ${expected[index]}, relative ${relative}, limit ${limit} ` +
      `(lengths ${actual.length}, ${expected.length})`,
  )
}
