/** Ctrl-C and SIGTERM: the first asks to stop and save, a later one ends at once. */

/** After one Ctrl-C the program gets the signal from the terminal and again from npm; both count as one. */
const SAME_WISH_MS = 1000

/** Calls `stop` at the first signal. Returns whether there was one, and a function that ends the listening. */
export function onInterrupt(stop: () => void): { interrupted(): boolean; release(): void } {
  let first = 0
  const listener = (signal: NodeJS.Signals) => {
    if (first === 0) {
      first = Date.now()
      stop()
    } else if (Date.now() - first > SAME_WISH_MS) {
      process.exit(signal === 'SIGINT' ? 130 : 143)
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, listener)
  return {
    interrupted: () => first > 0,
    release: () => {
      for (const signal of signals) process.removeListener(signal, listener)
    },
  }
}
