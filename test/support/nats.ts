/** A real nats-server on loopback, with JetStream on files of a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface NatsServer {
  /** `nats://127.0.0.1:PORT` */
  url: string
  /** `ws://127.0.0.1:PORT`, as browsers connect. */
  wsUrl: string
  port: number
  wsPort: number
  /** With the configuration, the files of JetStream and the log. */
  folder: string
  /** Ends the process; `start` starts it again, on the same ports and files. */
  kill(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  /** Ends the process and removes the folder. */
  close(): Promise<void>
}

export interface NatsOptions {
  /** Further lines of the configuration, such as `authorization { token: secret }`. */
  more?: string
  /** The whole configuration instead, for these ports and this folder. */
  config?(place: { port: number; wsPort: number; folder: string }): string
}

/** Debian puts it where only root looks. */
export function findNatsServer(): string {
  const named = process.env.PPO_WEBGPU_NATS_SERVER
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin']
  const found = named ?? folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path))
  if (found && existsSync(found)) return found
  throw new Error(
    `nats-server: ${named ?? 'none'} is not there. Install it (Debian: apt-get install nats-server), or name it: PPO_WEBGPU_NATS_SERVER=PATH.`,
  )
}

/** A port of loopback that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

const OPEN = (port: number, wsPort: number, folder: string, more: string) => `
listen: "127.0.0.1:${port}"
jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))} }
websocket { listen: "127.0.0.1:${wsPort}", no_tls: true }
${more}
`

export async function startNats({ more = '', config }: NatsOptions = {}): Promise<NatsServer> {
  const program = findNatsServer()
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-nats-'))
  const port = await freePort()
  const wsPort = await freePort()
  const file = join(folder, 'nats-server.conf')
  const log = join(folder, 'log')
  writeFileSync(file, config ? config({ port, wsPort, folder }) : OPEN(port, wsPort, folder, more))
  let child: ChildProcess | null = null
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    const running = child
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    await ended
  }
  const start = async () => {
    await kill()
    child = spawn(program, ['-c', file, '-l', log], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', (text) => (said += text))
    await listening(port, () => (child!.exitCode === null ? null : `ended with ${child!.exitCode}: ${said}`))
  }
  const close = async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  }
  await start().catch(async (error) => {
    await close()
    throw error
  })
  return {
    url: `nats://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${wsPort}`,
    port,
    wsPort,
    folder,
    kill,
    start,
    close,
  }
}

/** Waits until something listens; `ended` says why that will not be. */
async function listening(port: number, ended: () => string | null): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    const why = ended()
    if (why) throw new Error(`nats-server: ${why}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nats-server: nothing listens on port ${port} after 10 s`)
}
