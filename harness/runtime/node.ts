/** dawn.node, WebGPU for Node (npm `webgpu`), in a separate process, and typed calls into it. */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../checkout/root.js'
import { type AdapterChoice, chooseAdapter } from '../chrome/flags'
import { readMachine } from '../chrome/launch'
import { EXIT, HarnessError } from '../cli/errors'
import { plain } from '../cli/output'
import { SWIFTSHADER, swiftShaderFolder, vulkanLoaders } from '../node/vulkan'
import { NO_ADAPTER, orSoftware, withAdapter } from './adapter'
import { makeCalls } from './calls'
import type { Runtime } from './runtime'

export interface NodeOptions {
  adapter?: AdapterChoice
  /** Where Dawn's own messages go; default stderr. */
  onConsole?: (line: string) => void
  /** The checkout whose program it is; default this one. */
  root?: string
}

const START_SECONDS = 60
const EXIT_SECONDS = 5

/** @throws HarnessError with exit code 3 if dawn.node or an adapter is missing, with what to install. */
export const openNode = (options: NodeOptions = {}): Promise<Runtime> =>
  withAdapter(options.adapter ?? 'auto', (adapter) => openOn({ ...options, adapter }))

async function openOn({ adapter = 'auto', onConsole, root = packageRoot() }: NodeOptions): Promise<Runtime> {
  const version = dawnVersion()
  const linux = process.platform === 'linux'
  const drivers = vulkanDrivers(adapter)
  const write = onConsole ?? ((line) => process.stderr.write(`[dawn] ${plain(line)}\n`))
  const child = fork(join(root, 'dist', 'host.js'), linux ? vulkanLoaders() : [], {
    env: { ...process.env, ...drivers },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  })
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
    const { loader } = await ready(child)
    child.on('message', (message) => receive(message as string))
    const facts = await call('adapter', {}, undefined, { timeout: START_SECONDS * 1000 }).catch((error) => {
      throw explainAdapter(error, adapter, linux && loader === null)
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

/** Which Vulkan drivers the process may use: only SwiftShader's, or all of the system's. */
function vulkanDrivers(adapter: AdapterChoice): Record<string, string> {
  const given = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES
  if (adapter === 'auto' && given) return {}
  if (chooseAdapter(adapter, readMachine()) === 'hardware') return {}
  const folder = process.platform === 'linux' ? swiftShaderFolder() : null
  if (!folder) {
    throw new HarnessError(
      'webgpu: with --runtime node the software adapter is the SwiftShader of an installed Chrome or Chromium, on Linux; ' +
        `none was found (${SWIFTSHADER.join(', ')}). Install one, set PPO_WEBGPU_CHROME to it, or use --adapter hardware.`,
      EXIT.noWebGpu,
    )
  }
  // Vulkan loaders before 1.3.207 read the second one.
  const file = join(folder, SWIFTSHADER[0])
  return { VK_DRIVER_FILES: file, VK_ICD_FILENAMES: file }
}

const send = (child: ChildProcess, message: unknown): Promise<void> =>
  new Promise((resolve, reject) => child.send(message as object, (error) => (error ? reject(error) : resolve())))

/** Waits until the process accepts calls. */
function ready(child: ChildProcess): Promise<{ loader: string | null }> {
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

function explainAdapter(error: unknown, adapter: AdapterChoice, noLoader: boolean): unknown {
  const codes: number[] = [EXIT.noWebGpu, EXIT.deviceLost]
  if (!(error instanceof HarnessError) || !codes.includes(error.exitCode)) return error
  const loader = noLoader
    ? " There is no Vulkan loader, libvulkan.so.1: install Debian's libvulkan1, or Chromium, which has one."
    : ''
  return new HarnessError(
    `webgpu: dawn.node gave no adapter (--adapter ${adapter}). ${error.message}${loader}${orSoftware(adapter)}`,
    EXIT.noWebGpu,
    { code: NO_ADAPTER },
  )
}
