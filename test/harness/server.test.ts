import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PageServer, servePage } from '../../harness/chrome/server'

const files = new Map([
  ['/', { body: Buffer.from('<!doctype html>'), type: 'text/html; charset=utf-8' }],
  ['/page.js', { body: Buffer.from('let x'), type: 'text/javascript; charset=utf-8' }],
])

let server: PageServer
let port: number

beforeAll(async () => {
  server = await servePage(files)
  port = Number(new URL(server.url).port)
})
afterAll(() => server.close())

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
}

function ask(path: string, { method = 'GET', host = `127.0.0.1:${port}` } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    sent.on('error', reject).end()
  })
}

/** Sends raw bytes: a request that no client would make. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

describe('the page server', () => {
  test('serves the files with their types and a strict policy', async () => {
    const page = await ask('/')
    expect(page).toMatchObject({ status: 200, body: '<!doctype html>' })
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
    })
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect((await ask('/page.js')).headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '0.0.0.0', '[::1]'])(
    'refuses Host %j',
    async (host) => {
      expect((await ask('/', { host })).status).toBe(403)
    },
  )

  test('refuses an empty Host, and none', async () => {
    expect(await raw('GET / HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 403/)
    expect(await raw('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 403/)
  })

  test('answers localhost too', async () => {
    expect((await ask('/', { host: `localhost:${port}` })).status).toBe(200)
  })

  test.each([
    '/../package.json',
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/package.json',
    '/..\\package.json',
    '/.%00./package.json',
    '//etc/passwd',
    '/./page.js',
    '/page.js/',
    '/page.js?x',
    '/page.js%00.html',
    '/PAGE.JS',
    '/__proto__',
    '/constructor',
    '/etc/passwd',
    '/index.html',
  ])('has nothing at %s', async (path) => {
    const { status, body } = await ask(path)
    expect(status).toBe(404)
    expect(body).toBe('not found\n')
  })

  test('has nothing behind a path without a slash or a whole URL', async () => {
    const host = `Host: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`
    expect(await raw(`GET ../../etc/passwd HTTP/1.1\r\n${host}`)).toMatch(/^HTTP\/1.1 4/)
    expect(await raw(`GET http://127.0.0.1:${port}/page.js HTTP/1.1\r\n${host}`)).toMatch(/^HTTP\/1.1 404/)
  })

  test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE'])('refuses %s', async (method) => {
    expect(await ask('/', { method })).toMatchObject({ status: 405, headers: { allow: 'GET' } })
  })
})
