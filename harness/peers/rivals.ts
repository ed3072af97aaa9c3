/** `bench --rivals`: the same two cases with other libraries, in the same Chrome and the same run. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BenchRow, cpuWhere, gpuWhere, timedRow } from '../cases/rows'
import { packageRoot } from '../checkout/root.js'
import { type ServedFile, servePage } from '../chrome/server'
import { HarnessError } from '../cli/errors'
import type { ChromeRuntime } from '../runtime/chrome'
import { type TimingOptions, timeRepeats } from '../timing/timing'
import { checkRival, type Expected, expectedSteps, expectedTraining } from './check'
import { installPeers, peersFolder } from './install'
import { type RivalCase, rivalSetting } from './setting'

/**
 * Every library on every backend that can train. jax-js's `cpu` is an interpreter for debugging, by its documentation.
 */
const RIVALS = [
  { library: 'jax-js', entry: 'jax', package: '@jax-js/jax', backend: 'webgpu' },
  { library: 'jax-js', entry: 'jax', package: '@jax-js/jax', backend: 'wasm' },
  { library: 'tfjs', entry: 'tfjs', package: '@tensorflow/tfjs-core', backend: 'webgpu' },
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
const CHECKED = { 'minibatch-step': 3, 'cartpole-cleanrl': 1 } as const

/** Installs and builds what is needed; returns the versions. Called well before measuring, because it may fail. */
export async function prepareRivals(say: RivalOptions['say']): Promise<RivalOptions['versions']> {
  const versions = await installPeers(say)
  const build = await import(/* @vite-ignore */ pathToFileURL(join(packageRoot(), 'harness', 'build.js')).href)
  await build.buildPeers()
  return versions
}

/** One row per case, library and backend. */
export async function runRivals(options: RivalOptions): Promise<BenchRow[]> {
  const server = await servePage(peerFiles(), LIBRARY_CSP)
  const rows: BenchRow[] = []
  try {
    for (const name of options.cases) {
      const expected = name === 'minibatch-step' ? expectedSteps(CHECKED[name]) : expectedTraining(CHECKED[name])
      for (const rival of RIVALS) {
        const who = { ...rival, version: options.versions[rival.package] }
        options.say(`${name}, ${nameOf(who)} ...`)
        rows.push(await measure(options, `${server.url}${who.entry}.html`, who, name, expected))
      }
    }
  } finally {
    await server.close()
  }
  return rows
}

const nameOf = ({ library, version, backend }: Who): string => `${library} ${version}, ${backend}`

/** Uses a new page, so that one rival does not affect the next. */
async function measure(options: RivalOptions, url: string, who: Who, name: RivalCase, expected: Expected) {
  const { runtime, repeats, repeatSeconds, say } = options
  const page = await runtime.page.browser().newPage()
  const messages: string[] = []
  page.on('pageerror', (error) => messages.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && messages.push(message.text()))
  try {
    await page.goto(url)
    await page.waitForFunction('typeof globalThis.rival === "object"', { timeout: 60_000 })
    const run = (count: number) => page.evaluate((n) => globalThis.rival.run(n), count)
    const opened = await page.evaluate((backend, n) => globalThis.rival.open(backend, n), who.backend, name)

    // `open` has done the first.
    const { loss, gradNorm } = await run(CHECKED[name] - 1)
    const state = await page.evaluate(() => globalThis.rival.state())
    const setting = rivalSetting(name)
    const { updateEpochs, numMinibatches } = setting.config
    const updates = name === 'minibatch-step' ? CHECKED[name] : updateEpochs * numMinibatches
    const worst = checkRival(nameOf(who), name, { state, loss, gradNorm }, expected, updates)
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
    const gpu = plan === 'webgpu'
    const all = { seconds, units, plan, dispatches: gpu ? dispatches : null, firstUpdateSeconds: opened.seconds }
    const { browser } = runtime.facts
    const where = gpu ? gpuWhere(runtime.facts) : { ...cpuWhere(), adapter: 'CPU, in Chrome', browser }
    return { ...timedRow(setting.point, { ...all, ...unmeasured }, where), who: `${who.library} ${who.version}` }
  } catch (error) {
    if (error instanceof HarnessError) throw error
    const said = error instanceof Error ? error.message : String(error)
    throw new HarnessError(`rivals: ${nameOf(who)}, ${name}: ${[said, ...messages.slice(0, 3)].join('\n')}`)
  } finally {
    await page.close()
  }
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
