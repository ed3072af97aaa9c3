/**
 * Keeps submits short while the page is visible, so that the browser can draw in between: the work per submit follows
 * from the time of the latest ones. Where training is split does not change its results: they are bit-identical.
 */

/** A submit takes less than this many milliseconds; the target, and the time that counts as too short, are lower. */
export const MOST_MS = 8
const AIM_MS = 6
const LEAST_MS = 4
/** Submits that are measured before the limit changes, and the largest factor of one change. */
const WINDOW = 8
const [SHRINK, GROW] = [1 / 4, 2]
/** The first limit, as a share of the full size: the GPU's speed is known within a second. */
const FIRST = 1 / 16
/** Submits of a visible page in flight: the GPU does not idle, and a picture waits for no more than these. */
const IN_FLIGHT = 2
/** Below this, a submit's overhead exceeds its work. */
const SMALLEST = 1 / 1024

export class SubmitLimit {
  /** Nobody sees a hidden page: its submits have the full size. */
  visible = true
  private limit: number
  private measured: { flops: number; ms: number }[] = []
  private latest: number | null = null
  private lastEnd = Number.NEGATIVE_INFINITY
  private inFlight = 0
  private wake: () => void = () => undefined

  /** `most`: floating-point operations of a submit of full size. */
  constructor(
    readonly most: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.limit = most * FIRST
  }

  /** The most floating-point operations of the next submit. */
  get flops(): number {
    return this.visible ? this.limit : this.most
  }

  /** Milliseconds of a submit at the limit, by the latest measurement; null before the first. */
  get ms(): number | null {
    return this.latest
  }

  /**
   * Measures a submit of `flops` that was just made; `over` resolves when the GPU has finished it. A submit that waited
   * for another one began when that one ended.
   */
  async submitted(flops: number, over: Promise<unknown>): Promise<void> {
    const made = this.now()
    const { visible, limit } = this
    this.inFlight++
    try {
      await over
    } finally {
      this.inFlight--
      this.wake()
    }
    const end = this.now()
    const ms = end - Math.max(made, this.lastEnd)
    this.lastEnd = end
    if (!visible || !this.visible || limit !== this.limit) return
    this.measured.push({ flops, ms })
    if (this.measured.length === WINDOW) this.adapt()
  }

  /** Resolves when the next submit may be made. */
  async turn(): Promise<void> {
    while (this.visible && this.inFlight >= IN_FLIGHT) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  /** Single times vary, because completions are reported in batches; their sum does not. */
  private adapt(): void {
    const flops = this.measured.reduce((sum, m) => sum + m.flops, 0)
    const ms = this.measured.reduce((sum, m) => sum + m.ms, 0)
    this.measured = []
    if (flops === 0) return
    const full = (ms / flops) * this.limit
    this.latest = full
    if (full >= LEAST_MS && full <= MOST_MS) return
    const factor = Math.min(Math.max(AIM_MS / full, SHRINK), GROW)
    this.limit = Math.min(Math.max(this.limit * factor, this.most * SMALLEST), this.most)
  }
}
