/** The page's end of the Worker: messages out, messages in, answers by number. */
import type { FromWorker, ToWorker } from './protocol'
import workerUrl from './worker/main?worker&url'

export interface Client {
  send(message: ToWorker, transfer?: Transferable[]): void
  policy(): Promise<Uint8Array>
  picture(width: number, height: number): Promise<Uint8ClampedArray>
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** The page's content-security policy asks who vouches for a script's address. Only the Worker's own is let through. */
function trustedWorkerUrl(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const url = new URL(workerUrl, import.meta.url).href
  if (!trustedTypes) return url
  const policy = trustedTypes.createPolicy('ppo-lab', {
    createScriptURL(asked) {
      if (asked !== url) throw new TypeError(`no script may come from ${asked}`)
      return asked
    },
  })
  return policy.createScriptURL(url)
}

export function connect(receive: (message: FromWorker) => void): Client {
  const worker = new Worker(trustedWorkerUrl(), { type: 'module', name: 'ppo-lab' })
  const waiting = new Map<number, (value: never) => void>()
  let next = 0
  const failed = (message: string) => receive({ type: 'failed', where: 'device', message })
  worker.onerror = (event) => failed(event.message || 'The Worker did not start.')
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type !== 'policy' && data.type !== 'picture') return receive(data)
    waiting.get(data.id)?.((data.type === 'policy' ? data.bytes : data.pixels) as never)
    waiting.delete(data.id)
  }
  const ask = <T>(message: (id: number) => ToWorker): Promise<T> =>
    new Promise<T>((resolve) => {
      const id = next++
      waiting.set(id, resolve)
      worker.postMessage(message(id))
    })
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer),
    policy: () => ask((id) => ({ type: 'policy', id })),
    picture: (width, height) => ask((id) => ({ type: 'picture', id, width, height })),
  }
}
