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

/** Reports `stage` every second, after a while, until `work` is done. */
export async function telling<T>(stage: Preparing['stage'], tell: OnPreparing, work: Promise<T>): Promise<T> {
  const end = tellEverySecond(stage, tell)
  try {
    return await work
  } finally {
    end()
  }
}

/** The same until the returned function is called. */
export function tellEverySecond(stage: Preparing['stage'], tell: OnPreparing): () => void {
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const timer = setInterval(() => {
    if (seconds() >= QUIET_SECONDS) tell({ stage, seconds: seconds(), done: null, secondsLeft: null })
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
