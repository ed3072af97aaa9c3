/** dawn.node, WebGPU for Node (npm `webgpu`), in a separate process, and typed calls into it. */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { isLavapipe } from '../../src/gpu/adapter'
import { packageRoot } from '../checkout/root.js'
import { ADAPTER_CHOICES, type AdapterWish, wishText } from '../chrome/flags'
import { EXIT, HarnessError } from '../cli/errors'
import { plain } from '../cli/output'
import { HOST_OPTIONS, type HostOptions, type HostReady, type ListedAdapter } from '../node/hostmessages'
import { GET_LAVAPIPE, keepCache, LAVAPIPE_COST, meansLavapipe, shaderCache } from '../node/lavapipe'
import { vulkanLoaders } from '../node/vulkan'
import { NO_ADAPTER, orSoftware, withAdapter } from './adapter'
import { makeCalls } from './calls'
import { systemDrivers, vulkanDrivers } from './drivers'
import type { Runtime } from './runtime'

export interface NodeOptions {
  adapter?: AdapterWish
  /** Where Dawn's own messages go; default stderr. */
  onConsole?: (line: string) => void
  /** The checkout whose program it is; default this one. */
  root?: string
}

const START_SECONDS = 60
const EXIT_SECONDS = 5

/** @throws HarnessError with exit code 3 if dawn.node or an adapter is missing, with what to install. */
export async function openNode({ adapter = 'auto', ...options }: NodeOptions = {}): Promise<Runtime> {
  const runtime = await (typeof adapter === 'string'
    ? withAdapter(adapter, (kind) => openOn({ ...options, adapter: kind }))
    : openOn({ ...options, adapter }))
  if (isLavapipe(runtime.facts)) process.stderr.write(`${LAVAPIPE_COST} ${keepCache(shaderCache().folder)}\n`)
  return runtime
}

/** Every adapter that dawn.node has with the drivers of the system, of an installed Chrome, and of lavapipe. */
export async function listNodeAdapters(): Promise<{ version: string; adapters: ListedAdapter[] }> {
  const version = dawnVersion()
  const child = startHost({ list: true }, systemDrivers(), packageRoot())
  child.stdout!.resume()
  child.stderr!.resume()
  try {
    return { version, adapters: (await ready(child)).adapters ?? [] }
  } finally {
    child.kill('SIGKILL')
  }
}

function startHost(options: HostOptions, drivers: Record<string, string>, root: string): ChildProcess {
  const loaders = process.platform === 'linux' ? vulkanLoaders() : []
  return fork(join(root, 'dist', 'host.js'), loaders, {
    env: { ...process.env, ...drivers, [HOST_OPTIONS]: JSON.stringify(options) },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  })
}

async function openOn({ adapter = 'auto', onConsole, root = packageRoot() }: NodeOptions): Promise<Runtime> {
  const version = dawnVersion()
  const drivers = vulkanDrivers(adapter)
  const write = onConsole ?? ((line) => process.stderr.write(`[dawn] ${plain(line)}\n`))
  const part = typeof adapter === 'string' ? undefined : adapter.named
  // All drivers that lavapipe's name is for are lavapipe's.
  const named = part === undefined || meansLavapipe(part) ? undefined : { part, kinds: ADAPTER_CHOICES }
  const child = startHost({ named }, drivers, root)
  for (const stream of [child.stdout!, child.stderr!]) createInterface(stream).on('line', write)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const { call, receive, breakAll } = makeCalls('dawn.node', (...task) => send(child, task))
  child.once('exit', (code, signal) =>
    breakAll(new HarnessError(`dawn.node: its process ended (${signal ?? `code ${code}`}).`, EXIT.deviceLost)),
  )
  let closing: Promise<void> | undefined
  const close = () =>
    (closing ??= (async () => {
      breakAll(new HarnessError('dawn.node: the runtime was closed.', EXIT.interrupted))
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), EXIT_SECONDS * 1000)
      await ended
      clearTimeout(timer)
    })())
  try {
    const { loader, why } = await ready(child)
    if (why) throw new HarnessError(`--adapter: ${why}`, EXIT.badUsage)
    child.on('message', (message) => receive(message as string))
    const facts = await call('adapter', {}, undefined, { timeout: START_SECONDS * 1000 }).catch((error) => {
      throw explainAdapter(error, adapter, process.platform === 'linux' && loader === null)
    })
    return {
      facts: { runtime: 'node', ...facts, browser: `dawn.node ${version}, Node ${process.version}` },
      call,
      close,
      pid: child.pid!,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The version of npm `webgpu`. */
function dawnVersion(): string {
  try {
    const entry = createRequire(import.meta.url).resolve('webgpu')
    return JSON.parse(readFileSync(join(dirname(entry), 'package.json'), 'utf8')).version
  } catch (error) {
    if ((error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error
    throw new HarnessError(
      'webgpu: --runtime node takes WebGPU from this package (dawn.node), and it is not installed. Run `npm install webgpu`.',
      EXIT.noWebGpu,
    )
  }
}

const send = (child: ChildProcess, message: unknown): Promise<void> =>
  new Promise((resolve, reject) => child.send(message as object, (error) => (error ? reject(error) : resolve())))

/** Waits until the process accepts calls. */
function ready(child: ChildProcess): Promise<HostReady> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(
        new HarnessError(
          `dawn.node: its process did not start (${why}). Run it by hand: node dist/host.js`,
          EXIT.noWebGpu,
        ),
      )
    const timer = setTimeout(() => fail(`nothing in ${START_SECONDS} s`), START_SECONDS * 1000)
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code, signal) => fail(`it ended with ${signal ?? `code ${code}`}`))
    child.once('message', (message) => resolve(JSON.parse(message as string).ready))
    const stop = () => clearTimeout(timer)
    child.once('exit', stop).once('message', stop).once('error', stop)
  })
}

function explainAdapter(error: unknown, adapter: AdapterWish, noLoader: boolean): unknown {
  const codes: number[] = [EXIT.noWebGpu, EXIT.deviceLost]
  if (!(error instanceof HarnessError) || !codes.includes(error.exitCode)) return error
  const loader = noLoader
    ? " There is no Vulkan loader, libvulkan.so.1: install Debian's libvulkan1, or Chromium, which has one."
    : ''
  const asked = wishText(adapter)
  const advice =
    typeof adapter === 'string' ? orSoftware(adapter) : ` ${meansLavapipe(asked) ? GET_LAVAPIPE : ''}`.trimEnd()
  return new HarnessError(
    `webgpu: dawn.node gave no adapter (--adapter ${asked}). ${error.message}${loader}${advice}`,
    EXIT.noWebGpu,
    { code: NO_ADAPTER },
  )
}
