/** What autotuning chose (src/run/tuning.ts), or the table in its place. */

/** The threads in use, by kernel, and where they come from. */
export interface Tuning {
  source: 'table' | 'measured'
  threads: Record<string, number>
  /** Why there was no search; null where there was one. */
  reason: string | null
  /** Milliseconds of each candidate: the best of its rounds. Empty without a search. */
  measured: Record<string, Record<number, number>>
  /** Milliseconds that tuning took. */
  tookMs: number
}
