/** The work of a run before its first row, reported if it takes long. */

/** The current stage of preparation. */
export interface Preparing {
  /**
   * `firstWeights`: orthogonal matrices are computed on the CPU; `compiling`: kernels are compiled, which some drivers
   * do only in the first iteration, and run for the first time.
   */
  stage: 'firstWeights' | 'compiling'
  /** Since the stage began. */
  seconds: number
  /** Fraction of the work, 0 to 1, and seconds left at this speed; null if unknown. */
  done: number | null
  secondsLeft: number | null
}

export type OnPreparing = (preparing: Preparing) => void

const EVERY_MS = 1000
/** Most compilers need no more. */
const QUIET_SECONDS = 5

/**
 * Reports `stage` every second, after a while, until `work` is done.
 * @param estimate Seconds that it will take, if that is known: a long one is told at once.
 */
export async function telling<T>(
  stage: Preparing['stage'],
  tell: OnPreparing,
  work: Promise<T>,
  estimate: number | null = null,
): Promise<T> {
  const end = tellEverySecond(stage, tell, estimate)
  try {
    return await work
  } finally {
    end()
  }
}

/** The same until the returned function is called. */
export function tellEverySecond(
  stage: Preparing['stage'],
  tell: OnPreparing,
  estimate: number | null = null,
): () => void {
  const start = performance.now()
  const report = (seconds: number): void => {
    // What takes longer than estimated is not done before it is done.
    const done = estimate === null ? null : Math.min(0.99, seconds / estimate)
    tell({ stage, seconds, done, secondsLeft: estimate === null ? null : Math.max(0, estimate - seconds) })
  }
  if (estimate !== null && estimate >= QUIET_SECONDS) report(0)
  const timer = setInterval(() => {
    const seconds = (performance.now() - start) / 1000
    if (seconds >= QUIET_SECONDS) report(seconds)
  }, EVERY_MS)
  return () => clearInterval(timer)
}

/** For `inPieces`: reports `stage` every second; the work costs `total`. */
export function tellOfWork(stage: Preparing['stage'], tell: OnPreparing, total: number): (worth: number) => void {
  const start = performance.now()
  let told = start
  return (worth) => {
    const now = performance.now()
    if (now - told < EVERY_MS) return
    told = now
    const [seconds, done] = [(now - start) / 1000, Math.min(1, worth / total)]
    tell({ stage, seconds, done, secondsLeft: done > 0 ? (seconds * (1 - done)) / done : null })
  }
}
