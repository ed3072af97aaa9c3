/** What computes beside the page: a Worker, or where there is none with a GPU, the page itself. */
export interface Thread {
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  postMessage(message: unknown, transfer?: Transferable[]): void
  terminate(): void
}

/** Its name says what it is for. */
export type ThreadName = 'ppo-lab' | 'ppo-lab-compare'

let start: ((name: ThreadName) => Thread) | undefined

/** Chosen once, before the page connects. */
export const startThreadsBy = (how: (name: ThreadName) => Thread): void => {
  start = how
}
export const startThread = (name: ThreadName): Thread => start!(name)
