/** `bench --rivals`: some cases with other libraries, in the same Chrome and the same run. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BenchRow, cpuWhere, gpuWhere, type Skipped, timedRow, type Where } from '../cases/rows'
import { packageRoot } from '../checkout/root.js'
import { type ServedFile, servePage } from '../chrome/server'
import { HarnessError } from '../cli/errors'
import { decode } from '../protocol/wire'
import type { ChromeRuntime } from '../runtime/chrome'
import { type TimingOptions, timeRepeats } from '../timing/timing'
import { checkRival, type Expected, expectedSteps, expectedTraining } from './check'
import { installPeers, peersFolder } from './install'
import type { PlainState } from './page/main'
import { isStep, type RivalCase, rivalSetting, type SizedCase } from './setting'

/**
 * Every library on every backend that can train. jax-js's `cpu` is an interpreter for debugging, by its documentation.
 */
const RIVALS = [
  { library: 'jax-js', entry: 'jax', package: '@jax-js/jax', backend: 'webgpu' },
  { library: 'jax-js', entry: 'jax', package: '@jax-js/jax', backend: 'wasm' },
  { library: 'tfjs', entry: 'tfjs', package: '@tensorflow/tfjs-core', backend: 'webgpu' },
  { library: 'tfjs', entry: 'tfjs', package: '@tensorflow/tfjs-core', backend: 'webgl' },
  { library: 'tfjs', entry: 'tfjs', package: '@tensorflow/tfjs-core', backend: 'wasm' },
  { library: 'tfjs', entry: 'tfjs', package: '@tensorflow/tfjs-core', backend: 'cpu' },
] as const
type Who = (typeof RIVALS)[number] & { version: string }

export interface RivalOptions extends Pick<TimingOptions, 'repeats' | 'repeatSeconds'> {
  /** The browser that the other rows were measured in. */
  runtime: ChromeRuntime
  cases: readonly RivalCase[]
  /** By package, from `prepareRivals`. */
  versions: Record<string, string>
  say(line: string): void
}

/** Optimiser steps, or iterations, before the comparison with the reference. */
const checkedSteps = (name: RivalCase): number => (isStep(name) ? 3 : 1)

/** Installs and builds what is needed; returns the versions. Called well before measuring, because it may fail. */
export async function prepareRivals(say: RivalOptions['say']): Promise<RivalOptions['versions']> {
  const versions = await installPeers(say)
  const build = await import(/* @vite-ignore */ pathToFileURL(join(packageRoot(), 'harness', 'build.js')).href)
  await build.buildPeers()
  return versions
}

/** One row per case, library and backend, or why there is none. */
export async function runRivals(options: RivalOptions): Promise<{ rows: BenchRow[]; skipped: Skipped[] }> {
  const server = await servePage(peerFiles(), LIBRARY_CSP)
  const rows: BenchRow[] = []
  const skipped: Skipped[] = []
  try {
    for (const name of options.cases) {
      const sized: SizedCase = { name, software: options.runtime.facts.software }
      const expected = isStep(name) ? expectedSteps({ ...sized, name }, checkedSteps(name)) : expectedTraining(1)
      for (const rival of RIVALS) {
        const who = { ...rival, version: options.versions[rival.package] }
        options.say(`${rivalSetting(sized).point.name}, ${nameOf(who)} ...`)
        const result = await measure(options, `${server.url}${who.entry}.html`, who, sized, expected)
        if ('reason' in result) skipped.push(result)
        else rows.push(result)
      }
    }
  } finally {
    await server.close()
  }
  return { rows, skipped }
}

const nameOf = ({ library, version, backend }: Who): string => `${library} ${version}, ${backend}`

/** The kernel that TensorFlow.js says a backend lacks: `Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'`. */
export const lackingKernel = (message: string): string | null =>
  /Kernel '(\w+)' not registered for backend '/.exec(message)?.[1] ?? null

const GRADIENTS: Record<string, string> = { Conv2DBackpropFilter: 'conv2d' }

/** Why a backend has no row, in words. */
export const lacks = (kernel: string): string =>
  `it has no ${GRADIENTS[kernel] ? `gradient of ${GRADIENTS[kernel]}` : 'such operation'}: no kernel ${kernel}`

/** Uses a new page, so that one rival does not affect the next. */
async function measure(
  options: RivalOptions,
  url: string,
  who: Who,
  sized: SizedCase,
  expected: Expected,
): Promise<BenchRow | Skipped> {
  const { runtime, repeats, repeatSeconds, say } = options
  const { name } = sized
  const { point } = rivalSetting(sized)
  const page = await runtime.page.browser().newPage()
  const messages: string[] = []
  page.on('pageerror', (error) => messages.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && messages.push(message.text()))
  try {
    await page.goto(url)
    await page.waitForFunction('typeof globalThis.rival === "object"', { timeout: 60_000 })
    const run = (count: number) => page.evaluate((n) => globalThis.rival.run(n), count)
    const opened = await page.evaluate((backend, n) => globalThis.rival.open(backend, n), who.backend, sized)

    // `open` has done the first.
    const { loss, gradNorm } = await run(checkedSteps(name) - 1)
    const state = decode(await page.evaluate(() => globalThis.rival.state())) as PlainState
    const { updateEpochs, numMinibatches } = point.config
    const updates = isStep(name) ? checkedSteps(name) : updateEpochs * numMinibatches
    const worst = checkRival(nameOf(who), sized, { state, loss, gradNorm }, expected, updates)
    say(`  the same numbers as the CPU reference: the largest error is ${(100 * worst).toPrecision(2)} % of its limit`)

    // The page's own clock: messages between Node and Chrome are not the library's time.
    let clock = 0
    let dispatches = 0
    const timed = async (count: number): Promise<void> => {
      const result = await run(count)
      clock += 1000 * result.seconds
      dispatches = Math.round(result.dispatches / count)
    }
    const { seconds, units } = await timeRepeats(timed, { repeats, repeatSeconds, now: () => clock })
    const unmeasured = { dispatchesPerIteration: null, hostMs: null }
    const plan = who.backend
    const all = {
      ...{ seconds, units, plan, firstUpdateSeconds: opened.seconds },
      dispatches: plan === 'webgpu' ? dispatches : null,
    }
    const webgl = plan === 'webgl' ? await page.evaluate(() => globalThis.rival.webgl()) : null
    const where = whereOf(runtime, plan, webgl)
    return { ...timedRow(point, { ...all, ...unmeasured }, where), who: `${who.library} ${who.version}` }
  } catch (error) {
    if (error instanceof HarnessError) throw error
    const said = error instanceof Error ? error.message : String(error)
    const kernel = lackingKernel(said)
    if (kernel === null)
      throw new HarnessError(`rivals: ${nameOf(who)}, ${name}: ${[said, ...messages.slice(0, 3)].join('\n')}`)
    const reason = lacks(kernel)
    say(`  skipped: ${reason}`)
    const { numEnvs, hidden } = point.config
    return { case: point.name, plan: nameOf(who), numEnvs, hidden, reason }
  } finally {
    await page.close()
  }
}

/** `webgl`: what WebGL says of its adapter. */
function whereOf({ facts }: ChromeRuntime, backend: Who['backend'], webgl: string | null): Where {
  if (backend === 'webgpu') return gpuWhere(facts)
  const adapter = backend === 'webgl' ? `WebGL: ${webgl}` : 'CPU, in Chrome'
  return { ...cpuWhere(), adapter, browser: facts.browser }
}

/** The libraries compile WebAssembly, and start threads from text. No other page of the harness may. */
const LIBRARY_CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; connect-src 'self' blob: data:; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** `/tfjs.html` and `/jax.html` with their scripts, and TensorFlow.js's WebAssembly. */
function peerFiles(): Map<string, ServedFile> {
  const files = new Map<string, ServedFile>()
  for (const entry of new Set(RIVALS.map((rival) => rival.entry))) {
    const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/${entry}.js"></script>\n`
    files.set(`/${entry}.html`, { body: Buffer.from(html), type: 'text/html; charset=utf-8' })
    const body = readFileSync(join(peersFolder(), 'dist', `${entry}.js`))
    files.set(`/${entry}.js`, { body, type: 'text/javascript; charset=utf-8' })
  }
  const wasm = join(peersFolder(), 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist')
  for (const name of readdirSync(wasm).filter((name) => name.endsWith('.wasm'))) {
    files.set(`/${name}`, { body: readFileSync(join(wasm, name)), type: 'application/wasm' })
  }
  return files
}
