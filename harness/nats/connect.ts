/** A connection to the server that outlives the server. */
import { jetstreamManager } from '@nats-io/jetstream'
import type { ConnectionOptions, NatsConnection, WsConnectionOptions } from '@nats-io/nats-core'
import { connect, credsAuthenticator, wsconnect } from '@nats-io/transport-node'
import WebSocket from 'ws'
import { forSeconds } from '../../src/nats/requests'
import { oneLine } from '../../src/sweep/errors'
import { HarnessError } from '../cli/errors'
import type { NatsChoice } from './address'

/** Seconds that a server may need to start. */
const STARTING = 10

/** @param say Is told when the server goes away and comes back. */
export async function connectNats(choice: NatsChoice, say: (line: string) => void): Promise<NatsConnection> {
  for (const warning of choice.warnings) say(warning)
  const { scheme, host } = choice
  const isWeb = scheme === 'ws' || scheme === 'wss'
  try {
    const once = () => (isWeb ? wsconnect(webOptionsOf(choice)) : connect(optionsOf(choice)))
    let told = false
    const nc = await forSeconds(STARTING, once, (error) => {
      if (!isRefused(error)) return false
      if (!told) say(`Nothing answers at ${host} yet. Trying for ${STARTING} s.`)
      told = true
      return true
    })
    void tellStatus(nc, host, say)
    return nc
  } catch (error) {
    throw whyNot(error as Error, choice)
  }
}

/** Node 20 has no WebSocket, and that of newer ones neither takes a certificate nor says what was wrong. */
const webOptionsOf = (choice: NatsChoice): WsConnectionOptions => ({
  ...optionsOf(choice),
  tls: undefined,
  async wsFactory(url) {
    const socket = new WebSocket(url, { ca: choice.ca, perMessageDeflate: false })
    // Of a name with several addresses the error has only a code.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      error.message ||= error.code ?? error.name
    })
    return { socket: socket as unknown as globalThis.WebSocket, encrypted: choice.scheme === 'wss' }
  },
})

function optionsOf({ scheme, host, user, pass, token, creds, ca }: NatsChoice): ConnectionOptions {
  const name = user ?? creds?.name ?? ''
  return {
    servers: scheme === 'ws' || scheme === 'wss' ? `${scheme}://${host}` : host,
    name: 'ppo-webgpu',
    ...(creds ? { authenticator: credsAuthenticator(creds.bytes) } : { user, pass, token }),
    ...(scheme === 'tls' ? { tls: ca === undefined ? {} : { ca } } : {}),
    // Permissions may name the inboxes of a user: deploy/nats/nats-server.conf.
    ...(/^[A-Za-z0-9_-]+$/.test(name) ? { inboxPrefix: `_INBOX_${name}` } : {}),
    ...{ maxReconnectAttempts: -1, reconnectTimeWait: 500, reconnectJitter: 500, pingInterval: 10_000 },
    ...{ timeout: 10_000, ignoreClusterUpdates: true },
  }
}

/** Why the server sent a client away. The error of its end may be another: of another address of the same name. */
const refusals = new WeakMap<NatsConnection, Error>()

/** What to do about a connection that was ended for good. @param error What it, or a request, ended with. */
export const whyEnded = (nc: NatsConnection, error: unknown, choice: NatsChoice): HarnessError =>
  whyNot(refusals.get(nc) ?? (error instanceof Error ? error : new Error('it was closed')), choice)

async function tellStatus(nc: NatsConnection, host: string, say: (line: string) => void): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect') say(`The connection to ${host} is lost. Trying again until the server is back.`)
    if (status.type === 'reconnect') say(`Connected to ${host} again.`)
    if (status.type !== 'error') continue
    if (/^(Authorization|UserAuthentication)/.test(status.error.name)) refusals.set(nc, status.error)
    say(`NATS: ${status.error.message}`)
  }
}

/** @throws HarnessError if the server has no JetStream for this user. */
export async function checkJetStream(nc: NatsConnection, { host }: NatsChoice): Promise<void> {
  await forSeconds(STARTING, () => jetstreamManager(nc)).catch((error: Error) => {
    throw new HarnessError(
      `--nats: ${host} gives no JetStream (${error.message}). Start it with JetStream: nats-server -js -sd FOLDER, or ` +
        '"jetstream { store_dir: FOLDER }" in its configuration; a coordinator also needs permission to use it.',
    )
  })
}

const inMessage = (error: Error): string => {
  const { code, cause } = error as Error & { code?: string }
  const below = cause instanceof Error && cause !== error ? ` ${inMessage(cause)}` : ''
  return `${error.name} ${code ?? ''} ${error.message}${below}`
}

const isRefused = (error: unknown): boolean =>
  /ECONNREFUSED|CONNECTION_REFUSED|connection refused/i.test(inMessage(error as Error))

/** What to do about a connection that does not come about. */
function whyNot(error: Error, { host, scheme, creds, user, token }: NatsChoice): HarnessError {
  const text = inMessage(error)
  const say = (what: string) => new HarnessError(`--nats: ${what}`)
  if (isRefused(error)) {
    return say(`nothing answers at ${host}. Start a server there (nats-server -js), or give another address.`)
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return say(`there is no host ${host}. Is its name right?`)
  if (creds && /Authorization|Authentication/i.test(text)) {
    const isOver = /expired/i.test(text) || (creds.expires !== null && creds.expires <= Date.now())
    const why = isOver ? ': it has expired' : ' (wrong, withdrawn, or of another server)'
    return say(`${host} refuses the credentials file ${creds.path}${why}. Ask whoever runs the server for a new one.`)
  }
  if (/Authorization|Authentication/i.test(text)) {
    const who = user ? `user ${user}` : token ? 'the token' : 'a client without a name'
    return say(
      `${host} refuses ${who}. Give --nats-creds FILE, or set NATS_USER and NATS_PASSWORD, or NATS_TOKEN, as the server has them.`,
    )
  }
  if (/does not match certificate|ALTNAME/i.test(text)) {
    return say(
      `the certificate of ${host} is for another name (${error.message}). Use the name that it is for; an IP address does not work.`,
    )
  }
  if (/self.signed|unable to (get|verify)|CERT|certificate/i.test(text)) {
    return say(
      `the certificate of ${host} is not trusted (${error.message}). Give the one that it is signed with: --nats-ca FILE.`,
    )
  }
  if (/Parse Error|Unexpected server response|socket hang up|ECONNRESET|wrong version number|EPROTO/.test(text)) {
    return say(
      `what answers at ${host} does not speak ${scheme}:// (${oneLine(error)}). A NATS server has one port for nats:// and tls://, and ` +
        'another one for ws:// and wss://, which "websocket" in its configuration names.',
    )
  }
  if (/tls/i.test(text)) return say(`${scheme}://${host}: the server has no TLS, or wants it (${error.message}).`)
  if (/timeout|ETIMEDOUT/i.test(text))
    return say(`${host} does not answer within 10 s. Is it a NATS server's port for ${scheme}://?`)
  return say(`no connection to ${host}: ${error.message}`)
}
