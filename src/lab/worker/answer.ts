/** Where the Worker's messages go: to the page that started it; or to a function, where the page is its own Worker. */
import type { FromWorker } from '../protocol'

type Send = (message: FromWorker, transfer: Transferable[]) => void

/** TypeScript's library for a Worker's scope conflicts with the page's. */
let send: Send = (message, transfer) => (globalThis as unknown as { postMessage: Send }).postMessage(message, transfer)

export const answer = (message: FromWorker, transfer: Transferable[] = []): void => send(message, transfer)
export const answerTo = (how: Send): void => {
  send = how
}
