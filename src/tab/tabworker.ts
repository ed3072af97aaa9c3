/** The Worker of the tab: it has the connection and the GPU. Its timers go on while the page is hidden. */
import { wsconnect } from '@nats-io/nats-core'
import { ENVS } from '../../envs/registry'
import { workForSweeps } from '../nats/worker'
import { oneLine } from '../sweep/errors'
import { workOn } from '../sweep/work'
import type { Address } from './address'
import { tabMachine } from './machine'
import type { FromWorker, ToWorker } from './protocol'

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void
  postMessage(message: FromWorker): void
  close(): void
}
const tell = (message: FromWorker) => scope.postMessage(message)
const stopped = new AbortController()
const hurried = new AbortController()

async function connected({ server, ...who }: Address) {
  // Permissions may name the inboxes of a user: deploy/nats/nats-server.conf.
  const inbox = who.user && /^[A-Za-z0-9_-]+$/.test(who.user) ? { inboxPrefix: `_INBOX_${who.user}` } : {}
  const nc = await wsconnect({
    ...{ servers: server, ...who, ...inbox, name: 'ppo-webgpu tab', timeout: 10_000, pingInterval: 10_000 },
    // Of a cluster only the server that the person has agreed to.
    ignoreClusterUpdates: true,
    ...{ maxReconnectAttempts: -1, reconnectTimeWait: 2000 },
  }).catch((error: Error) => {
    throw new Error(whyNot(error, server))
  })
  void (async () => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect') tell({ type: 'away' })
      if (type === 'reconnect') tell({ type: 'connected' })
    }
  })()
  return nc
}

/** Browsers do not say why a connection did not come about. */
const whyNot = ({ name, message }: Error, server: string): string =>
  /authorization|authentication/i.test(`${name} ${message}`)
    ? `${server} does not take this token or user: Authorization refused. Ask for another link.`
    : `No connection to ${server}. Does it run, and does this browser trust its certificate?`

async function work(address: Address): Promise<void> {
  const machine = await tabMachine()
  const nc = await connected(address)
  try {
    tell({ type: 'connected' })
    await workForSweeps({
      ...{ nc, machine, kind: 'tab', envs: ENVS, signal: stopped.signal, hurry: hurried.signal },
      say: (line) => tell({ type: 'said', line: oneLine(line) }),
      status: (status) => tell({ type: 'status', status }),
      workOn(batch, work) {
        tell({ type: 'env', env: batch.env.id })
        return workOn(batch, work)
      },
    })
  } finally {
    await nc.close().catch(() => undefined)
  }
}

scope.onmessage = ({ data }) => {
  if (data.type === 'stop') {
    if (data.hurry) hurried.abort()
    return stopped.abort()
  }
  work(data.address)
    .then(
      () => tell({ type: 'ended', error: null }),
      (error) => tell({ type: 'ended', error: oneLine(error) }),
    )
    .finally(() => scope.close())
}
