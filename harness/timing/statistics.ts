/** Statistics of repeated measurements. */

export interface Spread {
  median: number
  min: number
  max: number
}

/** @throws for an empty list, which has no median. */
export function spread(values: number[]): Spread {
  if (values.length === 0) throw new RangeError('spread: of no values.')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return {
    median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
    min: sorted[0],
    max: sorted[sorted.length - 1],
  }
}

/** Rounded to this many significant digits. */
export const significant = (value: number, digits: number): number => Number(value.toPrecision(digits))
