/** A plain static server, as anybody has one: a folder or a list of files, and no headers but the type. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
}

type Read = (path: string) => Buffer | undefined

export const fromFolder =
  (folder: string): Read =>
  (path) => {
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined
  }

/** @param read The content of a path such as `/index.html`; undefined: 404. */
export async function serveStatic(read: Read): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://127.0.0.1').pathname)
    const body = read(path)
    response.writeHead(body ? 200 : 404, {
      'content-type': TYPES[extname(path) || '.html'] ?? 'application/octet-stream',
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
