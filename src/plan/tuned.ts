/** The result of autotuning (src/run/tuning.ts), or of the table that replaces it. */

/** The threads in use, by kernel, and their origin. */
export interface Tuning {
  source: 'table' | 'measured'
  threads: Record<string, number>
  /** Why there was no search; null if there was one. */
  reason: string | null
  /** Milliseconds of each candidate: the best of its rounds. Empty without a search. */
  measured: Record<string, Record<number, number>>
  /** Milliseconds that tuning took. */
  tookMs: number
}
