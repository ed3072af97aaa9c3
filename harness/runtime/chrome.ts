/** A page in headless Chrome with a GPU, and typed calls into it. */
import { join } from 'node:path'
import type { Page } from 'puppeteer'
import { packageRoot } from '../checkout/root.js'
import { type LaunchedChrome, type LaunchOptions, launchChrome } from '../chrome/launch'
import { type PageServer, readPage, servePage } from '../chrome/server'
import { EXIT, HarnessError } from '../cli/errors'
import { plain } from '../cli/output'
import { NO_ADAPTER, orSoftware, withAdapter } from './adapter'
import { makeCalls } from './calls'
import type { Runtime } from './runtime'

export interface ChromeOptions extends LaunchOptions {
  /** Where the page's errors and warnings go; default stderr. */
  onConsole?: (line: string) => void
  /** The checkout whose page it is; default this one. */
  root?: string
}

export interface ChromeRuntime extends Runtime {
  /** For other pages in the same browser, and for tests that inject faults. */
  page: Page
  profile: string
}

export const isChrome = (runtime: Runtime): runtime is ChromeRuntime => runtime.facts.runtime === 'chrome'

/** Flags from PPO_WEBGPU_CHROME_FLAGS, separated by spaces. */
const extraFlags = (): string[] => (process.env.PPO_WEBGPU_CHROME_FLAGS ?? '').split(/\s+/).filter(Boolean)

/** `code` of an error: the page or the browser ended. While a page opens, another browser is worth a try. */
const PAGE_LOST = 'pageLost'
const pageLost = (what: string) => new HarnessError(`chrome: ${what}.`, EXIT.deviceLost, { code: PAGE_LOST })
/** The most browsers that are started for one page. */
const MOST_STARTS = 3

/** @throws HarnessError with exit code 3 if there is no usable browser or adapter. */
export const openChrome = (options: ChromeOptions = {}): Promise<ChromeRuntime> =>
  withAdapter(options.adapter ?? 'auto', async (adapter) => {
    for (let starts = 1; ; starts++) {
      try {
        return await openOn({ ...options, adapter })
      } catch (error) {
        if (!(error instanceof HarnessError) || error.code !== PAGE_LOST) throw error
        if (starts === MOST_STARTS) {
          throw new HarnessError(`${error.message} Gave up after ${starts} browsers.`, EXIT.noWebGpu, {
            code: NO_ADAPTER,
          })
        }
        process.stderr.write(`WARNING: ${error.message} Starting another browser.\n`)
      }
    }
  })

async function openOn(options: ChromeOptions): Promise<ChromeRuntime> {
  const files = readPage(join(options.root ?? packageRoot(), 'dist', 'page'))
  const chrome = await launchChrome({ ...options, flags: [...extraFlags(), ...(options.flags ?? [])] })
  let server: PageServer | undefined
  try {
    server = await servePage(files)
    return await connect(chrome, server, options)
  } catch (error) {
    await Promise.all([chrome.close(), server?.close()])
    if (error instanceof HarnessError) throw error
    throw pageLost(`the page did not open (${(error as Error).message})`) // puppeteer's own
  }
}

async function connect(chrome: LaunchedChrome, server: PageServer, options: ChromeOptions): Promise<ChromeRuntime> {
  const { browser } = chrome
  const page = (await browser.pages())[0] ?? (await browser.newPage())
  const start = (id: number, name: string, args: string) => globalThis.ppoStart(id, name, args)
  const { call, receive, breakAll } = makeCalls('the page', (id, name, args) => page.evaluate(start, id, name, args))
  const lost = new Promise<never>((_, reject) => {
    const lose = (what: string) => {
      const error = pageLost(what)
      breakAll(error)
      reject(error)
    }
    page.on('error', (error) => lose(`the page crashed (${error.message})`))
    page.on('close', () => lose('the page was closed'))
    browser.on('disconnected', () => lose('the browser ended'))
  })
  lost.catch(() => {}) // once the page is open, its calls are what fails
  const connected = setUp(page, server, receive)
  connected.catch(() => {})
  await Promise.race([connected, lost])
  forwardConsole(page, options.onConsole ?? ((line) => process.stderr.write(`[page] ${plain(line)}\n`)))

  let closing: Promise<void> | undefined
  const close = () =>
    (closing ??= (async () => {
      breakAll(new HarnessError('chrome: the runtime was closed.', EXIT.interrupted))
      await Promise.all([chrome.close(), server.close()])
    })())
  const facts = {
    runtime: 'chrome' as const,
    ...(await call('adapter', {}, undefined, { timeout: 60_000 }).catch(explainAdapter(chrome))),
    browser: await browser.version(),
  }
  return { facts, pid: browser.process()!.pid!, call, close, page, profile: chrome.profile }
}

/** Loads the page and waits for its program, whose messages go to `receive`. */
async function setUp(page: Page, server: PageServer, receive: (message: string) => void): Promise<void> {
  const cdp = await page.createCDPSession()
  await cdp.send('Runtime.enable')
  await cdp.send('Runtime.addBinding', { name: 'ppoPost' })
  cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
    if (name === 'ppoPost') receive(payload)
  })
  await page.goto(server.url)
  await page.waitForFunction('typeof globalThis.ppoStart === "function"', { timeout: 30_000 })
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
  // A driver may also crash Chrome's GPU process, or make it hang.
  const codes: number[] = [EXIT.noWebGpu, EXIT.deviceLost]
  if (error instanceof HarnessError && error.code === PAGE_LOST) throw error
  if (!(error instanceof HarnessError) || !codes.includes(error.exitCode)) throw error
  throw new HarnessError(
    `webgpu: ${chrome.executable} gave no ${chrome.adapter} adapter. ${error.message}${orSoftware(chrome.adapter)}`,
    EXIT.noWebGpu,
    { code: NO_ADAPTER },
  )
}
