/** A page of a user's own, with a script of theirs. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { launchChrome } from '../../harness/chrome/launch'
import { servePage } from '../../harness/chrome/server'

export const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** Runs a bundled script in a page of its own and waits for `result`, an expression. */
export async function inPage<R>(entry: string, result: string, body = ''): Promise<R> {
  const built = await build({
    configFile: path('vite.config.ts'),
    logLevel: 'silent',
    build: { write: false, lib: { entry: path(entry), formats: ['es'], fileName: 'user' } },
  })
  const [{ output }] = [built].flat() as { output: { code: string }[] }[]
  const html = `<!doctype html><title>user</title><body>${body}</body><script type="module" src="user.js"></script>`
  const files = new Map([
    ['/', { body: Buffer.from(html), type: 'text/html; charset=utf-8' }],
    ['/user.js', { body: Buffer.from(output[0].code), type: 'text/javascript; charset=utf-8' }],
  ])
  const [chrome, server] = await Promise.all([launchChrome(), servePage(files)])
  try {
    const page = await chrome.browser.newPage()
    await page.goto(server.url)
    await page.waitForFunction(result, { timeout: 50_000 })
    return (await page.evaluate(result)) as R
  } finally {
    await Promise.all([chrome.close(), server.close()])
  }
}
