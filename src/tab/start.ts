/**
 * Narrows the page's content-security policy to one server, and starts a Worker under it. A Worker from a script of the
 * server has the policy that came with that script, which on a plain web server is none; one from a `blob:` inherits the
 * page's.
 */
import type { ToWorker } from './protocol'
import workerUrl from './tabworker?worker&url'

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

let policy: { createScriptURL(url: string): string } | undefined
let own = ''

/** The page's content-security policy requires trusted script addresses. Only the Worker's own is allowed. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  own = url
  policy ??= trustedTypes?.createPolicy('ppo-tab', {
    createScriptURL(asked) {
      if (asked !== own) throw new TypeError(`no script may come from ${asked}`)
      return asked
    },
  })
  return policy ? policy.createScriptURL(url) : url
}

/** From now on the page and its Workers reach no other server. Policies add up; none can be taken back. */
function narrowTo(server: string): void {
  const meta = document.createElement('meta')
  meta.httpEquiv = 'Content-Security-Policy'
  meta.content = `connect-src ${server}`
  document.head.append(meta)
}

export interface Running extends Worker {
  postMessage(message: ToWorker): void
}

/** @param server As `readAddress` gives it. */
export function startWorker(server: string): Running {
  narrowTo(server)
  const script = `import ${JSON.stringify(new URL(workerUrl, import.meta.url).href)}`
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  return new Worker(trusted(url), { type: 'module', name: 'ppo-tab' }) as Running
}
