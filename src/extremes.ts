/**
 * The largest and the smallest of many numbers. `Math.max(...list)` puts the whole list on the stack, which has room for
 * some 100,000 of them; these take any number. NaN among them gives NaN, as there.
 */

/** @param least What an empty list gives, and no list falls below. */
export function largest(values: Iterable<number>, least = Number.NEGATIVE_INFINITY): number {
  let most = least
  for (const value of values) most = Math.max(most, value)
  return most
}

/** @param most What an empty list gives, and no list rises above. */
export function smallest(values: Iterable<number>, most = Number.POSITIVE_INFINITY): number {
  let least = most
  for (const value of values) least = Math.min(least, value)
  return least
}
