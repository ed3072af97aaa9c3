/**
 * The largest and the smallest of many numbers. `Math.max(...list)` puts the whole list on the stack, which has room
 * for some 100,000 of them; these functions take any number. Like Math.max they return NaN if one number is NaN.
 */

/** @param least Returned for an empty list; a lower bound of the result. */
export function largest(values: Iterable<number>, least = Number.NEGATIVE_INFINITY): number {
  let most = least
  for (const value of values) most = Math.max(most, value)
  return most
}

/** @param most Returned for an empty list; an upper bound of the result. */
export function smallest(values: Iterable<number>, most = Number.POSITIVE_INFINITY): number {
  let least = most
  for (const value of values) least = Math.min(least, value)
  return least
}
