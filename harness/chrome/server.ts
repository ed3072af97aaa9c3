/** Serves the built page on 127.0.0.1. Only the files of a fixed map, read once at the start, are served. */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { HarnessError } from '../cli/errors'

const MIME: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** What our own pages are allowed to do. */
const STRICT_CSP =
  "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

export interface ServedFile {
  body: Buffer
  type: string
}

/** The files of a folder by URL path: `/page.js`, and `/` for index.html. */
export function readPage(folder: string): Map<string, ServedFile> {
  const files = new Map<string, ServedFile>()
  for (const name of readdirSync(folder)) {
    const type = MIME[extname(name)]
    if (type) files.set(name === 'index.html' ? '/' : `/${name}`, { body: readFileSync(join(folder, name)), type })
  }
  if (!files.has('/'))
    throw new HarnessError(`${folder}: the page is not built (no index.html). Run \`npm run build\`.`)
  return files
}

export interface PageServer {
  url: string
  close(): Promise<void>
}

/**
 * Listens on `port`, by default one that the system chooses.
 * @param csp The content security policy of everything served.
 * @param streams Paths whose answers go on, such as server-sent events; the function gets the open answer.
 */
export async function servePage(
  files: ReadonlyMap<string, ServedFile>,
  csp = STRICT_CSP,
  {
    port: wanted = 0,
    streams = {},
  }: { port?: number; streams?: Record<string, (response: ServerResponse) => void> } = {},
): Promise<PageServer> {
  let hosts: string[] = []
  const headers = { 'Content-Security-Policy': csp, ...HEADERS }
  const server = createServer((request, response) => answer(request, response, { files, streams }, hosts, headers))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  // Another host name for this address means DNS rebinding: another site tries to read the page.
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}/`, close }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  {
    files,
    streams,
  }: { files: ReadonlyMap<string, ServedFile>; streams: Record<string, (response: ServerResponse) => void> },
  hosts: string[],
  headers: Record<string, string>,
): void {
  const refuse = (status: number, reason: string, more = {}) =>
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8', ...more }).end(`${reason}\n`)
  if (!hosts.includes(request.headers.host ?? '')) return void refuse(403, 'wrong host')
  if (request.method !== 'GET') return void refuse(405, 'only GET', { Allow: 'GET' })
  const url = request.url ?? ''
  if (Object.hasOwn(streams, url)) {
    response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8' })
    return void streams[url](response)
  }
  const file = files.get(url)
  if (!file) return void refuse(404, 'not found')
  response.writeHead(200, { ...headers, 'Content-Type': file.type, 'Content-Length': file.body.length }).end(file.body)
}
