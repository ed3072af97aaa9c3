/** How far replayed transitions are from the recorded ones: median, 99th percentile and largest, with a limit for each. */
import type { Check, Side } from './check'
import type { Errors } from './planarmodels'

/** |x - x*| / max(1, |x*|); infinite where a number is not finite. */
export function errorOf(got: number, wanted: number): number {
  const error = Math.abs(got - wanted) / Math.max(1, Math.abs(wanted))
  return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY
}

/** The errors of one quantity: each transition or evaluation counts with the largest of its numbers. */
export class Spread {
  private readonly errors: number[] = []
  private most = -1
  private worst = ''

  constructor(
    private readonly name: string,
    private readonly side: Side,
    private readonly allowed: Errors,
    /** Said with the limits. */
    private readonly remark = '',
  ) {}

  take(where: string, got: ArrayLike<number>, wanted: ArrayLike<number>): void {
    let largest = got.length === wanted.length ? 0 : Number.POSITIVE_INFINITY
    let at = 0
    for (let i = 0; i < wanted.length; i++) {
      const error = errorOf(got[i], wanted[i])
      if (error > largest) [largest, at] = [error, i]
    }
    this.errors.push(largest)
    if (largest <= this.most) return
    this.most = largest
    const sizes = got.length === wanted.length ? '' : ` (${got.length} numbers, recorded ${wanted.length})`
    this.worst = ` ${where}, number ${at}: ${this.side} ${got[at]}, recorded ${wanted[at]}${sizes}`
  }

  check(): Check {
    const { name, side, allowed, remark, worst } = this
    const sorted = this.errors.toSorted((a, b) => a - b)
    const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
    const found: Errors = { median: at(0.5), p99: at(0.99), max: at(1) }
    // The 99th percentile of fewer is their largest.
    const names = sorted.length < 100 ? (['median', 'max'] as const) : (['median', 'p99', 'max'] as const)
    const ok = sorted.length > 0 && names.every((key) => found[key] <= allowed[key])
    const parts = names.map((key) => `${key} ${found[key].toPrecision(2)} of ${allowed[key].toPrecision(2)}`)
    const finite = Number.isFinite(found.max) ? found.max : null
    return {
      ...{ name, side, maxAbsError: finite, maxRelError: finite, limit: allowed.max, measure: 'rel', ok },
      note: `${parts.join(', ')}${remark}`,
      ...(ok ? {} : { worst }),
    }
  }
}
