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

export const whole = (x: number | null | undefined): string =>
  x === null || x === undefined ? '–' : Math.round(x).toLocaleString('en')

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
