/**
 * Keeps the GPU's turns short while somebody watches, so that the browser's own pictures get theirs: how much work one
 * submit may hold follows from how long the latest ones took. Where training is cut changes no bit of it.
 */

/** A submit takes less than this many milliseconds; aimed at, and taken as too little, is less. */
export const MOST_MS = 8
const AIM_MS = 6
const LEAST_MS = 4
/** Submits that are measured before the limit moves, and how far it moves at once. */
const WINDOW = 8
const [SHRINK, GROW] = [1 / 4, 2]
/** The first limit, as a share of the full size: how fast the GPU is shows within a second. */
const FIRST = 1 / 16
/** Submits of a visible page that wait for the GPU at once: it does not idle, and a picture waits for no more. */
const IN_FLIGHT = 2
/** Below that a submit costs more than what is in it. */
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

  /** Floating-point operations of the next submit at most. */
  get flops(): number {
    return this.visible ? this.limit : this.most
  }

  /** Milliseconds that a submit as large as the limit took by the latest measurement; null before the first. */
  get ms(): number | null {
    return this.latest
  }

  /**
   * Measures a submit of `flops` that was made right now; `over` resolves when the GPU has done it. One that waited behind
   * another began when that one ended.
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

  /** Single times jump, because ends are heard of in batches; their sum does not. */
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
