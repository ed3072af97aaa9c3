/** A page in headless Chrome with a GPU, and typed calls into it. */
import { join } from 'node:path'
import type { CDPSession, Page } from 'puppeteer'
import type { AdapterChoice } from './chrome/flags'
import { type LaunchedChrome, launchChrome } from './chrome/launch'
import { type PageServer, readPage, servePage } from './chrome/server'
import { EXIT, HarnessError } from './errors'
import type { PageMessage } from './page/main'
import type { AdapterFacts, TaskName, Tasks } from './page/protocol'
import { decode, encode } from './page/wire'
import { packageRoot } from './root.js'

export interface RuntimeOptions {
  adapter?: AdapterChoice
  /** Further flags for Chrome. */
  flags?: string[]
  /** Where the page's errors and warnings go; stderr by default. */
  onConsole?: (line: string) => void
}

export interface RuntimeFacts extends AdapterFacts {
  /** Chrome's product and version. */
  browser: string
}

export interface CallOptions {
  /** Milliseconds without an event after which the call is given up; 10 minutes by default. */
  timeout?: number
}

export interface Runtime {
  facts: RuntimeFacts
  /** Runs a task in the page. Events come in order, all of them before the result. */
  call<N extends TaskName>(
    name: N,
    args: Tasks[N][0],
    onEvent?: (event: unknown) => void,
    options?: CallOptions,
  ): Promise<Tasks[N][1]>
  /** Idempotent. Pending calls reject. */
  close(): Promise<void>
  /** For tests that break things on purpose. */
  page: Page
  profile: string
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
  onEvent?: (event: unknown) => void
  /** Starts the time without an event again. */
  touch(): void
}

const CALL_TIMEOUT = 600_000

/** Flags from PPO_WEBGPU_CHROME_FLAGS, separated by spaces. */
const extraFlags = (): string[] => (process.env.PPO_WEBGPU_CHROME_FLAGS ?? '').split(/\s+/).filter(Boolean)

/** @throws HarnessError with exit code 3 when there is no usable browser or adapter. */
export async function openRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const files = readPage(join(packageRoot(), 'dist', 'page'))
  const chrome = await launchChrome({ ...options, flags: [...extraFlags(), ...(options.flags ?? [])] })
  let server: PageServer | undefined
  try {
    server = await servePage(files)
    return await connect(chrome, server, options)
  } catch (error) {
    await Promise.all([chrome.close(), server?.close()])
    throw error
  }
}

async function connect(chrome: LaunchedChrome, server: PageServer, options: RuntimeOptions): Promise<Runtime> {
  const { browser } = chrome
  const page = (await browser.pages())[0] ?? (await browser.newPage())
  const calls = new Map<number, Pending>()
  let broken: HarnessError | undefined
  const breakAll = (reason: HarnessError) => {
    broken ??= reason
    for (const pending of [...calls.values()]) pending.reject(broken)
  }
  page.on('error', (error) =>
    breakAll(new HarnessError(`chrome: the page crashed (${error.message}).`, EXIT.deviceLost)),
  )
  page.on('close', () => breakAll(new HarnessError('chrome: the page was closed.', EXIT.deviceLost)))
  browser.on('disconnected', () => breakAll(new HarnessError('chrome: the browser ended.', EXIT.deviceLost)))
  forwardConsole(page, options.onConsole ?? ((line) => process.stderr.write(`[page] ${line}\n`)))

  const cdp = await page.createCDPSession()
  await listen(cdp, calls)
  await page.goto(server.url)
  await page.waitForFunction('typeof globalThis.ppoStart === "function"', { timeout: 30_000 })

  let lastId = 0
  const call: Runtime['call'] = (name, args, onEvent, { timeout = CALL_TIMEOUT } = {}) =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken)
      const id = ++lastId
      const expire = () =>
        settle(() =>
          reject(new HarnessError(`${name}: no answer from the page in ${timeout / 1000} s.`, EXIT.deviceLost)),
        )
      let timer = setTimeout(expire, timeout)
      const settle = (then: () => void) => {
        clearTimeout(timer)
        if (calls.delete(id)) then()
      }
      const touch = () => {
        clearTimeout(timer)
        timer = setTimeout(expire, timeout)
      }
      calls.set(id, {
        resolve: (value) => settle(() => resolve(value as never)),
        reject: (error) => settle(() => reject(error)),
        onEvent,
        touch,
      })
      const start = (id: number, name: string, args: string) => globalThis.ppoStart(id, name, args)
      page.evaluate(start, id, name, encode(args)).catch((error: Error) => {
        calls
          .get(id)
          ?.reject(
            broken ?? new HarnessError(`${name}: the page did not take the call (${error.message}).`, EXIT.deviceLost),
          )
      })
    })

  let closing: Promise<void> | undefined
  const close = () =>
    (closing ??= (async () => {
      breakAll(new HarnessError('chrome: the runtime was closed.', EXIT.interrupted))
      await Promise.all([chrome.close(), server.close()])
    })())
  const facts = {
    ...(await call('adapter', {}, undefined, { timeout: 60_000 }).catch(explainAdapter(chrome))),
    browser: await browser.version(),
  }
  return { facts, call, close, page, profile: chrome.profile }
}

/** Hands the page's messages to the calls they belong to. */
async function listen(cdp: CDPSession, calls: Map<number, Pending>): Promise<void> {
  await cdp.send('Runtime.enable')
  await cdp.send('Runtime.addBinding', { name: 'ppoPost' })
  cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
    if (name !== 'ppoPost') return
    const { id, kind, body } = JSON.parse(payload) as PageMessage
    const pending = calls.get(id)
    if (!pending) return
    try {
      const value = decode(body)
      if (kind === 'result') return pending.resolve(value)
      if (kind === 'error') return pending.reject(pageError(value as PageError))
      pending.touch()
      pending.onEvent?.(value)
    } catch (error) {
      pending.reject(error as Error)
    }
  })
}

interface PageError {
  name: string
  message: string
  stack: string
  code?: string
  exitCode?: number
}

function pageError({ name, message, stack, code, exitCode }: PageError): HarnessError {
  const usage = name === 'ConfigError' ? EXIT.badUsage : EXIT.checkFailed
  const error = new HarnessError(message, exitCode ?? usage, { code, pageStack: stack })
  if (name !== 'Error') error.name = name
  return error
}

function forwardConsole(page: Page, write: (line: string) => void): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') write(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) =>
    write(`uncaught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  )
}

const explainAdapter = (chrome: LaunchedChrome) => (error: unknown) => {
  if (!(error instanceof HarnessError) || error.exitCode !== EXIT.noWebGpu) throw error
  throw new HarnessError(
    `webgpu: ${chrome.executable} gave no ${chrome.adapter} adapter. ${error.message}`,
    EXIT.noWebGpu,
  )
}
