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
  /**
   * The result of a step; null ranks last and is never promoted. A step that may begin need not have been given: an
   * earlier session may have.
   * @throws Error for a step that is not open: it has a result, or its trial is not promoted into that rung (with `asha`:
   * has no score in the rung before).
   */
  record(step: Step, score: number | null): void
  /** Whether every step that will ever be given has its result. */
  readonly done: boolean
  /** Of each rung: steps given, results, and how many there will be (with `asha` so far). */
  counts(): { given: number; done: number; planned: number }[]
}

/**
 * Records what is known from an earlier session, before the first step is given. The order of `results` is of no
 * importance: earlier rungs are recorded first.
 * @throws Error for a result of a step that is not open, and for two of the same one.
 */
export function replay(scheduler: Scheduler, results: readonly { step: Step; score: number | null }[]): void {
  const inOrder = results.toSorted((a, b) => a.step.rung - b.step.rung || a.step.trial - b.step.trial)
  for (const { step, score } of inOrder) scheduler.record(step, score)
}
