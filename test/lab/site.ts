/** The lab as users get it: built, served from a folder below the root of a plain web server, opened in a browser, Chrome unless given. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'puppeteer'
import { build } from 'vite'
import { launchChrome } from '../../harness/chrome/launch'

const root = fileURLToPath(new URL('../../', import.meta.url))
const MIME: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const PATH = '/some/folder/'

export interface Site {
  browser: Browser
  url: string
  /** Files of the site by path, as they are served. */
  files: Map<string, Buffer>
  /** A page of the lab; its errors are in `problems`. */
  open(hash?: string, before?: (page: Page) => Promise<void>): Promise<LabPage>
  close(): Promise<void>
}

export interface LabPage {
  page: Page
  /** Errors of scripts, refused resources, requests to other hosts. */
  problems: string[]
  /** The text of a fact of the header, such as `state`. */
  fact(name: string): Promise<string>
  number(name: string): Promise<number>
  /** Waits until `condition` is true for a fact. */
  until(name: string, condition: (text: string) => boolean, seconds?: number): Promise<void>
  click(action: string): Promise<void>
  notice(): Promise<string>
}

/** Vulkan for all of Chrome, so that it can show a canvas of its software adapter. */
const FLAGS = [
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--disable-vulkan-surface',
]
/** With these defaults of puppeteer a hidden tab would run like a visible one. */
const UNTHROTTLED = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

/** A browser, and how it is closed. */
export type Launch = () => Promise<{ browser: Browser; close(): Promise<void> }>

export const launchDefault = (flags: string[] = []) =>
  launchChrome({ adapter: 'software', flags: [...FLAGS, ...flags], without: UNTHROTTLED })

/** As `npm run build`: with vitest's NODE_ENV, `test`, it would hold 3 kB of code for developers. */
async function buildAsReleased(outDir: string): Promise<void> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  const configFile = join(root, 'vite.config.ts')
  await build({ root, configFile, logLevel: 'error', build: { outDir } }).finally(() => {
    process.env.NODE_ENV = before
  })
}

export async function openSite(launch: Launch = launchDefault): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-lab-'))
  await buildAsReleased(folder)
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const files = new Map(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(folder.length + 1), readFileSync(path)]
    }),
  )
  rmSync(folder, { recursive: true })
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0].slice(PATH.length) || 'index.html'
    const file = files.get(path)
    if (!file) return void response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': MIME[extname(path)] ?? 'application/octet-stream' }).end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`
  const { browser, ...launched } = await launch()
  const close = async () => {
    await launched.close()
    server.closeAllConnections()
    server.close()
  }
  return {
    browser,
    url,
    files,
    open: (hash, before) => openPage(browser, url, hash, before),
    close,
  }
}

export async function openPage(
  browser: Browser,
  url: string,
  hash = '',
  before?: (page: Page) => Promise<void>,
): Promise<LabPage> {
  const page = await browser.newPage()
  await page.setViewport({ width: 1280, height: 900 })
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`page: ${error}`))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) problems.push(`asked ${request.url()}`)
  })
  await before?.(page)
  await page.goto(`${url}${hash}`)
  const fact = (name: string) =>
    page.evaluate((name) => document.querySelector(`[data-fact=${name}]`)?.textContent ?? '', name)
  const until: LabPage['until'] = async (name, condition, seconds = 60) => {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
      if (condition(await fact(name))) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`${name} is still ${JSON.stringify(await fact(name))} after ${seconds} s; ${problems.join('; ')}`)
  }
  return {
    page,
    problems,
    fact,
    number: async (name) => toNumber(await fact(name)),
    until,
    click: (action) =>
      page.evaluate((action) => document.querySelector<HTMLElement>(`[data-action=${action}]`)!.click(), action),
    notice: () => page.evaluate(() => document.querySelector('.toast [role=status]')?.textContent ?? ''),
  }
}

/** `12,288 / 300,000` -> 12288. */
export const toNumber = (text: string): number => Number.parseFloat(text.replaceAll(',', ''))
