/** Long work of the host in pieces, so that messages, timers and signals are heard between them. */

/** Yields what each piece was worth, in a unit of its own, and returns the result. A piece takes some milliseconds. */
export type Pieces<T> = Generator<number, T, void>

/** All pieces at once. */
export function allPieces<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** How long the host works before it lets others. */
const TURN_MS = 25

export interface InPieces {
  /** Hears what the pieces so far were worth together. */
  onTurn?(worth: number): void
  /** Ends the work between two pieces. */
  signal?: AbortSignal
}

/** Work was ended by its `signal`. */
export class AbortError extends Error {
  override name = 'AbortError'
}

/**
 * Piece by piece, with a turn of everybody else in between.
 * @throws AbortError when `signal` says so.
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

/** After the tasks that wait already. A timer would wait for a second in a hidden tab. */
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
