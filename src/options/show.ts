/** Values in messages. */

/** A value as the caller would write it, of any type: JSON has no NaN, bigint or cycle. */
export function show(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}
