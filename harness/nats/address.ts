/** Where the NATS server is, and how the command line says who asks. */
import { readFileSync, statSync } from 'node:fs'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { readInteger } from '../setup/setup'

export const NATS_FLAG: Flag = {
  value: 'URL',
  help: 'The NATS server: nats://HOST:4222, tls://, ws:// or wss://; user and password from NATS_USER and NATS_PASSWORD, or NATS_TOKEN.',
}

/** For `sweep` and `worker`, beside it. */
export const NATS_FLAGS: Record<string, Flag> = {
  'nats-creds': { value: 'FILE', help: 'A NATS credentials file (.creds), for a server with accounts.' },
  'nats-ca': { value: 'FILE', help: "Certificates (PEM) that the server's is checked with, in place of the system's." },
  'nats-plain': { help: 'Allow a connection without TLS to another host.' },
}

/** How long a worker may be silent; only the coordinator sets it. */
export const ACK_WAIT_FLAG: Flag = {
  value: 'SECONDS',
  help: 'How long a worker may be silent before its batch goes to another one: 1 to 3600; 30 for a new queue.',
}

export interface NatsChoice {
  /** `host:port`. */
  host: string
  scheme: 'nats' | 'tls' | 'ws' | 'wss'
  user?: string
  pass?: string
  token?: string
  /** Contents of a credentials file. */
  creds?: Uint8Array
  /** Certificates in PEM. */
  ca?: string
  /** Seconds; null leaves the queue as it is. */
  ackWait: number | null
  warnings: string[]
}

const SCHEMES = ['nats', 'tls', 'ws', 'wss'] as const
const PORTS = { nats: 4222, tls: 4222, ws: 80, wss: 443 }
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** @throws UsageError */
export function readNats(given: Given, env: Record<string, string | undefined> = process.env): NatsChoice {
  const text = given.text('nats')!
  const url = readUrl(text)
  const scheme = SCHEMES.find((name) => url.protocol === `${name}:`)
  if (!scheme) throw wrongUrl(text)
  const host = `${url.hostname}:${url.port || PORTS[scheme]}`
  const isPlain = scheme === 'nats' || scheme === 'ws'
  if (isPlain && !LOOPBACK.test(url.hostname) && !given.has('nats-plain')) {
    const better = scheme === 'ws' ? 'wss' : 'tls'
    throw new UsageError(
      `--nats: ${scheme}://${host} is another machine, and the connection would not be encrypted. Use ${better}://${host}, or add ` +
        '--nats-plain in a network where nobody listens.',
    )
  }
  if (given.has('nats-ca') && scheme !== 'tls') {
    throw new UsageError(
      `--nats-ca: works with tls://, not with ${scheme}://.${scheme === 'wss' ? ' Set NODE_EXTRA_CA_CERTS=FILE instead.' : ''}`,
    )
  }
  const warnings: string[] = []
  const creds = given.has('nats-creds') ? readCreds(given.text('nats-creds')!, warnings) : undefined
  const ca = given.has('nats-ca') ? readText('--nats-ca', given.text('nats-ca')!) : undefined
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new UsageError(`--nats-ca: ${given.text('nats-ca')} has no certificate in PEM form.`)
  }
  return {
    ...{ host, scheme, ...readSecrets(url, creds, env), creds, ca, warnings },
    ackWait: given.has('nats-ack-wait') ? readInteger(given, 'nats-ack-wait', 30, 1, 3600) : null,
  }
}

/** From the URL, else from the environment. A token is a name without a password: `nats://TOKEN@host`. */
function readSecrets(
  url: URL,
  creds: Uint8Array | undefined,
  { NATS_USER, NATS_PASSWORD, NATS_TOKEN }: Record<string, string | undefined>,
): Pick<NatsChoice, 'user' | 'pass' | 'token'> {
  if (creds) return {}
  const [user, pass] = [url.username, url.password].map(decodeURIComponent)
  if (user !== '') return pass === '' ? { token: user } : { user, pass }
  if (NATS_USER) return { user: NATS_USER, pass: NATS_PASSWORD ?? '' }
  return NATS_TOKEN ? { token: NATS_TOKEN } : {}
}

function readUrl(text: string): URL {
  try {
    const url = new URL(text.includes('://') ? text : `nats://${text}`)
    if (url.hostname !== '' && ['', '/'].includes(url.pathname)) return url
  } catch {
    // the message below
  }
  throw wrongUrl(text)
}

/** Without what may be a password. */
const wrongUrl = (text: string): UsageError =>
  new UsageError(
    `--nats: ${JSON.stringify(text.replace(/\/\/.*@/, '//...@'))} is not the address of a server. Write nats://HOST:4222, or tls://, ` +
      'ws:// or wss://.',
  )

function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${flag}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

function readCreds(path: string, warnings: string[]): Uint8Array {
  const text = readText('--nats-creds', path)
  if (!/BEGIN NATS USER JWT[\s\S]*BEGIN USER NKEY SEED/.test(text)) {
    throw new UsageError(
      `--nats-creds: ${path} is not a NATS credentials file, which has a "NATS USER JWT" and a "USER NKEY SEED".`,
    )
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    warnings.push(`WARNING: --nats-creds: other users of this machine can read ${path}. Change it: chmod 600 ${path}`)
  }
  return new TextEncoder().encode(text)
}
