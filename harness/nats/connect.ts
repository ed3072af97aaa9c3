/** A connection to the server that outlives the server. */
import { jetstreamManager } from '@nats-io/jetstream'
import type { ConnectionOptions, NatsConnection } from '@nats-io/nats-core'
import { connect, credsAuthenticator, wsconnect } from '@nats-io/transport-node'
import { forSeconds } from '../../src/nats/requests'
import { HarnessError, UsageError } from '../cli/errors'
import type { NatsChoice } from './address'

/** Seconds that a server may need to start. */
const STARTING = 10

/** @param say Is told when the server goes away and comes back. */
export async function connectNats(choice: NatsChoice, say: (line: string) => void): Promise<NatsConnection> {
  for (const warning of choice.warnings) say(warning)
  const { scheme, host } = choice
  const isWeb = scheme === 'ws' || scheme === 'wss'
  if (isWeb && !('WebSocket' in globalThis)) {
    throw new UsageError(`--nats: ${scheme}:// needs Node 22 or newer. Use nats:// or tls://.`)
  }
  try {
    const once = () => (isWeb ? wsconnect(optionsOf(choice)) : connect(optionsOf(choice)))
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
    throw explain(error as Error, choice)
  }
}

function optionsOf({ scheme, host, user, pass, token, creds, ca }: NatsChoice): ConnectionOptions {
  const name = user ?? 'worker'
  return {
    servers: scheme === 'ws' || scheme === 'wss' ? `${scheme}://${host}` : host,
    name: 'ppo-webgpu',
    ...(creds ? { authenticator: credsAuthenticator(creds) } : { user, pass, token }),
    ...(scheme === 'tls' ? { tls: ca === undefined ? {} : { ca } } : {}),
    // Permissions may name the inboxes of a user: deploy/nats/nats-server.conf.
    ...(user !== undefined && /^[A-Za-z0-9_-]+$/.test(name) ? { inboxPrefix: `_INBOX_${name}` } : {}),
    ...{ maxReconnectAttempts: -1, reconnectTimeWait: 500, reconnectJitter: 500, pingInterval: 10_000 },
    ...{ timeout: 10_000, ignoreClusterUpdates: true },
  }
}

async function tellStatus(nc: NatsConnection, host: string, say: (line: string) => void): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect') say(`The connection to ${host} is lost. Trying again until the server is back.`)
    if (status.type === 'reconnect') say(`Connected to ${host} again.`)
    if (status.type === 'error') say(`NATS: ${status.error.message}`)
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
function explain(error: Error, { host, scheme, creds, user, token }: NatsChoice): HarnessError {
  const text = inMessage(error)
  const say = (what: string) => new HarnessError(`--nats: ${what}`)
  if (isRefused(error)) {
    return say(`nothing answers at ${host}. Start a server there (nats-server -js), or give another address.`)
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return say(`there is no host ${host}. Is its name right?`)
  if (/Authorization|Authentication/i.test(text)) {
    const who = creds ? 'the credentials file' : user ? `user ${user}` : token ? 'the token' : 'a client without a name'
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
  if (/tls/i.test(text)) return say(`${scheme}://${host}: the server has no TLS, or wants it (${error.message}).`)
  if (/timeout|ETIMEDOUT/i.test(text)) return say(`${host} does not answer within 10 s. Is it a NATS server?`)
  return say(`no connection to ${host}: ${error.message}`)
}
