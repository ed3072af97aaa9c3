/** Threads that are Workers. */
import type { Thread, ThreadName } from './thread'
import workerUrl from './worker/worker?worker&url'

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

const WORKER = new URL(workerUrl, import.meta.url).href
let policy: { createScriptURL(url: string): string } | undefined

/** The page's content-security policy requires trusted script addresses. Only the Workers' own are allowed. */
function trustedWorker(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  policy ??= trustedTypes?.createPolicy('ppo-lab', {
    createScriptURL(asked) {
      if (asked !== WORKER) throw new TypeError(`no script may come from ${asked}`)
      return asked
    },
  })
  return policy ? policy.createScriptURL(WORKER) : WORKER
}

export const startWorker = (name: ThreadName): Thread => new Worker(trustedWorker(), { type: 'module', name }) as Thread
