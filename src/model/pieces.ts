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

/**
 * Piece by piece, with a turn of everybody else in between.
 * @param onTurn Hears what the pieces so far were worth together.
 */
export async function inPieces<T>(work: Pieces<T>, onTurn: (worth: number) => void = () => undefined): Promise<T> {
  let worth = 0
  let turn = performance.now()
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    worth += value
    if (performance.now() - turn < TURN_MS) continue
    onTurn(worth)
    await nextTask()
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
