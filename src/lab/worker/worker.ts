/**
 * The entry of every Worker of the lab; its name says what it is for. Training and comparing share most of their code,
 * so it is loaded once. Messages that arrive before that code has loaded wait for it.
 */
import type { RunChoice } from '../protocol'

const scope = globalThis as unknown as {
  name: string
  onmessage: (event: MessageEvent) => void
  postMessage(message: unknown): void
}

const load = async (): Promise<(event: MessageEvent) => unknown> =>
  scope.name === 'ppo-lab-compare' ? comparing((await import('./compare')).compare) : (await import('./main')).receive
const comparing = (compare: (choice: RunChoice) => Promise<unknown>) => async (event: MessageEvent<RunChoice>) =>
  scope.postMessage(await compare(event.data))

const loaded = load()
scope.onmessage = (event) => void loaded.then((receive) => receive(event))
