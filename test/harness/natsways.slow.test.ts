/** Ways to a NATS server: WebSockets, TLS with an authority of one's own, credentials files; and what is said when one fails. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCommand } from '../../harness/cli/args'
import { worker } from '../../harness/commands/worker'
import { type NatsChoice, reachedBy, readNats } from '../../harness/nats/address'
import { connectNats, whyEnded } from '../../harness/nats/connect'
import { makeCertificates } from '../support/certificates'
import { rightsOfWorkers } from '../support/deployed'
import { type NatsServer, startNats } from '../support/nats'
import { makeOperator, type UserRights } from '../support/natsjwt'
import { batchOf, honest, openPool, startWorker, until } from '../support/natswork'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-ways-'))
const certificates = makeCertificates()
const { cert, key, ca } = certificates
const operator = makeOperator()
const tls = `tls { cert_file: ${JSON.stringify(cert)}, key_file: ${JSON.stringify(key)} }`
let open: NatsServer
let closed: NatsServer

beforeAll(async () => {
  open = await startNats()
  // With TLS on both ports, and users with credentials files only.
  const config = ({ port, wsPort, folder }: { port: number; wsPort: number; folder: string }) => `
listen: "127.0.0.1:${port}"
jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))} }
websocket { listen: "127.0.0.1:${wsPort}", ${tls} }
${tls}
${operator.config}`
  closed = await startNats({ config })
})
afterAll(async () => {
  await open?.close()
  await closed?.close()
  certificates.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** As the command line reads it. */
const read = (url: string, more: string[] = [], env: Record<string, string> = {}) =>
  readNats(parseCommand(worker, ['--nats', url, ...more]), env)

let files = 0
function credsFile(text: string, mode = 0o600): string {
  const path = join(folder, `${++files}.creds`)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

const PROBLEMS: [what: string, url: () => string, more: () => string[], told: RegExp][] = [
  [
    'ws to the port of nats',
    () => `ws://127.0.0.1:${open.port}`,
    () => [],
    /does not speak ws:\/\/ .*another one for ws/,
  ],
  ['wss to a WebSocket without TLS', () => `wss://localhost:${open.wsPort}`, () => [], /does not speak wss:\/\//],
  ['ws to one with TLS', () => `ws://localhost:${closed.wsPort}`, () => [], /does not speak ws:\/\//],
  ['tls to a server without', () => `tls://localhost:${open.port}`, () => [], /has no TLS/],
  ['wss, authority not known', () => `wss://localhost:${closed.wsPort}`, () => [], /is not trusted \(.*--nats-ca FILE/],
  ['tls, authority not known', () => `tls://localhost:${closed.port}`, () => [], /is not trusted \(.*--nats-ca FILE/],
  ['wss by address', () => `wss://127.0.0.1:${closed.wsPort}`, () => ['--nats-ca', ca], /is for another name/],
  [
    'no credentials',
    () => `wss://localhost:${closed.wsPort}`,
    () => ['--nats-ca', ca],
    /a client without a name.*--nats-creds/,
  ],
  [
    'credentials of another operator',
    () => `tls://localhost:${closed.port}`,
    () => ['--nats-ca', ca, '--nats-creds', credsFile(makeOperator().creds('worker'))],
    /localhost:\d+ refuses the credentials file .*creds \(wrong, .*Ask whoever runs the server/,
  ],
]

test.each(PROBLEMS)('what is wrong is said: %s', async (_, url, more, told) => {
  const error = await connectNats(read(url(), more()), () => undefined).then(
    (nc) => nc.close().then(() => 'connected'),
    (error: Error) => error.message,
  )
  expect(error).toMatch(told)
  expect(error).not.toMatch(/\p{Cc}/u)
})

describe('a credentials file', () => {
  const refused = (path: string) => {
    try {
      read('tls://localhost:4222', ['--nats-creds', path])
    } catch (error) {
      return (error as Error).message
    }
    return 'taken'
  }
  const seed = /-----BEGIN USER NKEY SEED[\s\S]*/.exec(operator.creds('worker'))![0]
  test.each<[string, () => string, RegExp]>([
    ['that is not there', () => join(folder, 'nowhere.creds'), /nowhere\.creds cannot be read: there is no such file/],
    ['that is a folder', () => folder, /cannot be read: it is a folder/],
    ['that is something else', () => credsFile('secret'), /is not a NATS credentials file.*nsc generate creds/],
    ['without its token', () => credsFile(seed), /is not a NATS credentials file/],
    [
      'with half a token',
      () => credsFile(operator.creds('w').replace(/\.[\w-]+\./, '.e30x.')),
      /is not a NATS credentials/,
    ],
    [
      'that has expired',
      () => credsFile(operator.creds('worker', undefined, -60)),
      /user "worker", expired at 20\d\d-.*UTC.*new one/,
    ],
  ])('%s is refused', (_, path, told) => {
    expect(refused(path())).toMatch(told)
    expect(refused(path())).toMatch(/^--nats-creds: /)
  })

  test('that others can read is warned of; the user has inboxes of its name', () => {
    const path = credsFile(operator.creds('ann'), 0o644)
    const { creds, warnings } = read('tls://localhost:4222', ['--nats-creds', path])
    expect(creds).toMatchObject({ path, name: 'ann' })
    expect(warnings).toEqual([expect.stringContaining(`chmod 600 ${path}`)])
    expect(read('tls://localhost:4222', ['--nats-creds', credsFile(operator.creds('ann'))]).warnings).toEqual([])
  })
})

test('what a sweep says of how workers reach its server', () => {
  const told = (...args: string[]) => {
    const given = parseCommand(worker, args)
    return reachedBy(given, readNats(given, {}))
  }
  expect(told('--nats', 'nats://ann:secret@localhost')).toBe('--nats nats://localhost:4222')
  expect(told('--nats', 'ws://10.0.0.7', '--nats-plain')).toBe('--nats ws://10.0.0.7:80 --nats-plain')
  const creds = credsFile(operator.creds('ann'))
  const flags = `--nats wss://localhost:443 --nats-creds FILE --nats-ca ${ca}`
  expect(told('--nats', 'wss://localhost', '--nats-ca', ca, '--nats-creds', creds)).toBe(flags)
})

const withCreds = (url: string, name: string, rights?: UserRights, seconds?: number) =>
  read(url, ['--nats-ca', ca, '--nats-creds', credsFile(operator.creds(name, rights, seconds))])

const WAYS: [string, () => { server: NatsServer; coordinator: NatsChoice; worker: NatsChoice }][] = [
  ['ws', () => ({ server: open, coordinator: read(open.wsUrl), worker: read(open.wsUrl) })],
  ...(['tls', 'wss'] as const).map((scheme): (typeof WAYS)[0] => [
    `${scheme}, an authority of its own, credentials files`,
    () => {
      const url = `${scheme}://localhost:${scheme === 'tls' ? closed.port : closed.wsPort}`
      return {
        server: closed,
        coordinator: withCreds(url, 'coordinator'),
        worker: withCreds(url, 'worker', rightsOfWorkers()),
      }
    },
  ]),
]

test.each(WAYS)('a sweep and a worker work together over %s', async (name, way) => {
  const { server, coordinator, worker } = way()
  const { pool, seen } = await openPool({ ...coordinator, ackWait: 1 })
  const one = await startWorker(worker, honest)
  await pool.submit(batchOf(1, [0, 1]))
  await until(() => seen.results.length === 2, { seen, lines: one.lines })
  // Once over a WebSocket; over TCP nats.slow.test.ts does it.
  if (name === 'ws') {
    await server.kill()
    await server.start()
  }
  await pool.submit(batchOf(2, [2]))
  await until(() => seen.results.length === 3 && seen.workers === 1, { seen, lines: one.lines })
  expect([seen.refused, seen.failed]).toEqual([[], []])
  if (worker.creds) {
    const purge = one.nc.request('$JS.API.STREAM.PURGE.PPO_WORK', '{}', { timeout: 2000 })
    await expect(purge).rejects.toThrow(/permissions violation/i)
  }
  await one.stop()
  await pool.close(true)
})

test('credentials that expire end the worker and the sweep, and both say so', async () => {
  const url = `tls://localhost:${closed.port}`
  const brief = withCreds(url, 'worker', rightsOfWorkers(), 3)
  const { pool, seen } = await openPool(withCreds(url, 'coordinator', undefined, 3))
  const one = await startWorker(brief, honest)
  const error = await one.done.then(
    () => 'no error',
    (error: Error) => error,
  )
  expect(error).toBeInstanceOf(Error)
  expect(whyEnded(one.nc, error, brief).message).toMatch(/refuses the credentials file .*: it has expired.*new one/)
  await until(() => seen.failed.length > 0, seen)
  expect(seen.failed[0]).toMatch(/was ended.*it has expired.*new one\. The same command then goes on/)
  await pool.close(false)
})
