/** deploy/nats/nats-server.conf as a server of a test. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Certificates } from './certificates'
import { type NatsServer, startNats } from './nats'

export const DEPLOYED = readFileSync(
  fileURLToPath(new URL('../../deploy/nats/nats-server.conf', import.meta.url)),
  'utf8',
)
export const PASSWORDS = { coordinator: 'c-secret', worker: 'w-secret' }

/** The file as it is, but for places on this machine. */
export function startDeployed({ cert, key }: Certificates): Promise<NatsServer> {
  process.env.COORDINATOR_PASSWORD = PASSWORDS.coordinator
  process.env.WORKER_PASSWORD = PASSWORDS.worker
  return startNats({
    config({ port, wsPort, folder }) {
      const places: [string, string, number][] = [
        ['0.0.0.0:4222', `127.0.0.1:${port}`, 1],
        ['0.0.0.0:8443', `127.0.0.1:${wsPort}`, 1],
        ['"/data"', JSON.stringify(folder), 1],
        ['"/certs/cert.pem"', JSON.stringify(cert), 1],
        ['"/certs/key.pem"', JSON.stringify(key), 1],
      ]
      return places.reduce((text, [from, to, times]) => {
        const found = text.split(from).length - 1
        if (found !== times) throw new Error(`nats-server.conf has ${from} ${found} times instead of ${times}`)
        return text.replaceAll(from, to)
      }, DEPLOYED)
    },
  })
}

/** What its user `worker` may do. */
export function rightsOfWorkers(): { publish: string[]; subscribe: string[] } {
  const [, publish] = /publish \{\s+allow: \[([\s\S]*?)\n\s+\]/.exec(DEPLOYED)!
  const [, subscribe] = /subscribe \{ allow: \[(.*?)\]/.exec(DEPLOYED)!
  const names = (list: string) => [...list.replaceAll(/#.*/g, '').matchAll(/"(.*?)"/g)].map(([, name]) => name)
  return { publish: names(publish), subscribe: names(subscribe) }
}
