/** Which trial is trained next, and up to which rung. Pure: no clock, no files, no network. */

/** A trial in a rung. */
export interface Step {
  trial: number
  rung: number
}

export interface Scheduler {
  /** Number of rungs; trials that end the last one have the whole budget. */
  readonly rungs: number
  /** At most `most` steps that may begin now. Each is given once; an empty list means: wait for results. */
  next(most: number): Step[]
  /** The result of a step; null ranks last and is never promoted. @throws Error for a step that is not open. */
  record(step: Step, score: number | null): void
  /** Whether every step that will ever be given has its result. */
  readonly done: boolean
  /** Of each rung: steps given, results, and how many there will be (with `asha` so far). */
  counts(): { given: number; done: number; planned: number }[]
}
