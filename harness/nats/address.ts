/** Where the NATS server is, and how the command line says who asks. */
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { quoted } from '../cli/invocation'
import { readInteger } from '../setup/setup'
import { type Creds, readCreds } from './creds'
import { readText } from './text'

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
  creds?: Creds
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
  if (given.has('nats-ca') && isPlain) {
    throw new UsageError(`--nats-ca: ${scheme}://${host} has no TLS. Use it with tls:// or wss://.`)
  }
  const warnings: string[] = []
  const creds = given.has('nats-creds') ? readCreds(given.text('nats-creds')!, warnings) : undefined
  const ca = given.has('nats-ca') ? readText('--nats-ca', given.text('nats-ca')!) : undefined
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new UsageError(
      `--nats-ca: ${given.text('nats-ca')} has no certificate in PEM form. Give the rootCA.pem of mkcert, or the like.`,
    )
  }
  return {
    ...{ host, scheme, ...readSecrets(url, creds, env), creds, ca, warnings },
    ackWait: given.has('nats-ack-wait') ? readInteger(given, 'nats-ack-wait', 30, 1, 3600) : null,
  }
}

/** The flags with which a worker on this machine reaches the server. Its password, or its credentials file, is its own. */
export function reachedBy(given: Given, { scheme, host, creds }: NatsChoice): string {
  return [
    `--nats ${scheme}://${host}`,
    ...(creds ? ['--nats-creds FILE'] : []),
    ...(given.has('nats-ca') ? [`--nats-ca ${quoted(given.text('nats-ca')!)}`] : []),
    ...(given.has('nats-plain') ? ['--nats-plain'] : []),
  ].join(' ')
}

/** From the URL, else from the environment. A token is a name without a password: `nats://TOKEN@host`. */
function readSecrets(
  url: URL,
  creds: Creds | undefined,
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
