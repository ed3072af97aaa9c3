/**
 * The entry of every Worker of the lab; its name says what it is for. Training and comparing share most of their code,
 * so it is loaded once. Messages that arrive before that code has loaded wait for it.
 */
const scope = globalThis as unknown as { name: string; onmessage: (event: MessageEvent) => void }

const load = async (): Promise<(event: MessageEvent) => unknown> =>
  scope.name === 'ppo-lab-compare' ? (await import('./compare')).receive : (await import('./main')).receive

const loaded = load()
scope.onmessage = (event) => void loaded.then((receive) => receive(event))
