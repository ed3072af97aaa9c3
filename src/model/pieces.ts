/** Long work on the CPU in pieces, so that messages, timers and signals are handled between them. */

/** Yields the cost of each piece, in its own unit, and returns the result. A piece takes some milliseconds. */
export type Pieces<T> = Generator<number, T, void>

/** All pieces at once. */
export function allPieces<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** How long work runs before other tasks get a turn. */
const TURN_MS = 25

export interface InPieces {
  /** Gets the summed cost of the pieces so far. */
  onTurn?(worth: number): void
  /** Ends the work between two pieces. */
  signal?: AbortSignal
}

/** Work was ended by its `signal`. */
export class AbortError extends Error {
  override name = 'AbortError'
}

/**
 * Runs the pieces, with a turn for other tasks in between.
 * @throws AbortError if `signal` is aborted.
 */
export async function inPieces<T>(work: Pieces<T>, { onTurn, signal }: InPieces = {}): Promise<T> {
  let worth = 0
  let turn = performance.now()
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    worth += value
    if (performance.now() - turn < TURN_MS) continue
    onTurn?.(worth)
    await nextTask()
    if (signal?.aborted) throw new AbortError('Ended before the work was done.')
    turn = performance.now()
  }
}

/** Resolves after the tasks that are already queued. A timer would take a second in a hidden tab. */
function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
