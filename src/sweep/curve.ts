/** The learning curve of one rung, of at most 50 points. */
import type { MetricsRow } from '../metrics'

export const MOST_POINTS = 50

/**
 * Thins while it collects: the rung's iterations are cut into at most 50 equal parts, and the last row with a return
 * stays of each. So rows may come twice, or again after an interruption: the curve is the same.
 */
export class Curve {
  private readonly points = new Map<number, [timesteps: number, value: number]>()

  /** The rung's iterations are those after `first`, up to `last`. */
  constructor(
    private readonly first: number,
    private readonly last: number,
  ) {}

  add({ iteration, timesteps, episodicReturn, returnMean }: MetricsRow): void {
    const value = episodicReturn ?? returnMean
    if (value === null || !Number.isFinite(value) || iteration <= this.first || iteration > this.last) return
    const part = Math.floor(
      ((iteration - this.first - 1) * MOST_POINTS) / Math.max(this.last - this.first, MOST_POINTS),
    )
    this.points.set(part, [timesteps, value])
  }

  /** [timesteps, return]: the mean of the latest 100 episodes, before that of those that ended in the iteration. */
  get list(): [number, number][] {
    return [...this.points.entries()].sort(([a], [b]) => a - b).map(([, point]) => point)
  }

  /** Takes the points of an interrupted run. @param batchSize Timesteps of an iteration. */
  restore(list: readonly [number, number][], batchSize: number): void {
    for (const [timesteps, value] of list) {
      this.add({ iteration: timesteps / batchSize, timesteps, episodicReturn: value, returnMean: value } as MetricsRow)
    }
  }
}
