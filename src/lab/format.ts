/** Formats numbers for display. */

/** 0.00123, 12.3, 1,234, 1.2M; a dash for null. */
export function short(x: number | null | undefined): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '–'
  const size = Math.abs(x)
  if (size >= 1e6) return `${(x / 1e6).toFixed(size >= 1e7 ? 1 : 2)}M`
  if (size >= 1000) return Math.round(x).toLocaleString('en')
  if (size >= 100 || Number.isInteger(x)) return x.toFixed(Number.isInteger(x) ? 0 : 1)
  if (size >= 1) return String(Number(x.toFixed(2)))
  if (size === 0) return '0'
  return size < 1e-4 ? x.toExponential(1) : String(Number(x.toPrecision(3)))
}

/** Labels of an axis whose ticks are `step` apart: with the digits that tell them apart, and no wider than its margin. */
export function tickLabels(ticks: (number | null)[], step: number): string[] {
  const largest = ticks.reduce<number>((most, x) => Math.max(most, Math.abs(x ?? 0)), 0)
  const [unit, name] = largest >= 1e6 ? [1e6, 'M'] : [1, '']
  const digits = decimalsOf(step / unit)
  const label = (x: number): string => {
    if (x === 0) return '0'
    if (digits > 4 && largest < 0.01) return x.toExponential(Math.max(0, digits + Math.floor(Math.log10(Math.abs(x)))))
    return (x / unit).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }) + name
  }
  return ticks.map((x) => (x === null ? '' : label(x)))
}

/** Digits after the point of a number that is a few units of some power of ten. */
function decimalsOf(x: number): number {
  let digits = 0
  while (digits < 20 && Math.abs(x * 10 ** digits - Math.round(x * 10 ** digits)) > 1e-6 * x * 10 ** digits) digits++
  return digits
}

export const whole = (x: number | null | undefined): string =>
  x === null || x === undefined ? '–' : Math.round(x).toLocaleString('en')

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
