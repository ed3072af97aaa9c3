/** Starts Chrome over a pipe, so that it ends when Node ends, and with its own profile folder. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, PuppeteerNode } from 'puppeteer'
import { EXIT, HarnessError } from '../cli/errors'
import { findBrowser } from './find'
import { type AdapterChoice, chooseAdapter, chromeFlags, type Machine } from './flags'

export interface LaunchOptions {
  adapter?: AdapterChoice
  /** Further command-line flags for Chrome. */
  flags?: string[]
  /** Puppeteer's own flags that Chrome should not get, such as those that keep hidden tabs running. */
  without?: string[]
}

export interface LaunchedChrome {
  browser: Browser
  executable: string
  /** The requested adapter; the adapter's own report says which one it got. */
  adapter: 'software' | 'hardware'
  profile: string
  close(): Promise<void>
}

export const PROFILE = 'ppo-webgpu-chrome-'
/** A Chrome that hangs does not close. */
const CLOSE_SECONDS = 5

export async function launchChrome(options: LaunchOptions = {}): Promise<LaunchedChrome> {
  const puppeteer = await loadPuppeteer()
  const { path: executable } = await findBrowser()
  const adapter = chooseAdapter(options.adapter ?? 'auto', readMachine())
  removeStaleProfiles()
  const profile = mkdtempSync(join(tmpdir(), `${PROFILE}${process.pid}-`))
  const gone = { recursive: true, force: true, retryDelay: 100 }
  /**
   * Nothing can be awaited at exit: files that an ending child of Chrome still writes are left to
   * `removeStaleProfiles`.
   */
  const removeNow = () => {
    try {
      rmSync(profile, { ...gone, maxRetries: 5 })
    } catch {}
  }
  const removeProfile = () => rm(profile, { ...gone, maxRetries: 20 })
  const start = (sandbox: boolean) =>
    puppeteer.launch({
      executablePath: executable,
      headless: true,
      pipe: true,
      userDataDir: profile,
      ignoreDefaultArgs: options.without ?? false,
      args: [...chromeFlags(adapter, process.platform, sandbox), ...(options.flags ?? [])],
      // The harness saves its results before it closes the browser.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      protocolTimeout: 120_000,
    })
  try {
    const browser = await startWithSandboxIfPossible(start)
    const atExit = () => {
      browser.process()?.kill('SIGKILL')
      removeNow()
    }
    process.once('exit', atExit)
    const close = async () => {
      process.removeListener('exit', atExit)
      const kill = () => void browser.process()?.kill('SIGKILL')
      const timer = setTimeout(kill, CLOSE_SECONDS * 1000)
      await browser.close().catch(kill)
      clearTimeout(timer)
      await removeProfile()
    }
    return { browser, executable, adapter, profile, close }
  } catch (error) {
    removeNow()
    const said = error instanceof Error ? error.message.trim() : String(error)
    throw new HarnessError(
      `chrome: ${executable} did not start. Run it by hand with --headless, or set PPO_WEBGPU_CHROME to another one.\n${said}`,
      EXIT.noWebGpu,
    )
  }
}

/**
 * Chrome does not use its sandbox as root, and many containers forbid what it needs. Only our own page is ever opened.
 */
async function startWithSandboxIfPossible(start: (sandbox: boolean) => Promise<Browser>): Promise<Browser> {
  if (process.getuid?.() === 0) return start(false)
  try {
    return await start(true)
  } catch (error) {
    if (process.platform !== 'linux' || !/sandbox|namespace|zygote/i.test(String(error))) throw error
    process.stderr.write('Chrome cannot use its sandbox here (a container?); starting it without.\n')
    return start(false)
  }
}

export async function loadPuppeteer(): Promise<PuppeteerNode> {
  for (const name of ['puppeteer', 'puppeteer-core']) {
    try {
      return (await import(/* @vite-ignore */ name)).default
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    }
  }
  throw new HarnessError(
    'puppeteer-core: this command drives Chrome through it, and it is not installed. Run `npm install puppeteer-core`.',
    EXIT.noWebGpu,
  )
}

/** The GPUs that the system reports. */
export function readMachine(): Machine {
  const drm = '/sys/class/drm'
  const nodes = existsSync(drm) ? readdirSync(drm).filter((name) => name.startsWith('renderD')) : []
  const vendors = nodes
    .filter((node) => existsSync(`/dev/dri/${node}`) && existsSync(`${drm}/${node}/device/vendor`))
    .map((node) => readFileSync(`${drm}/${node}/device/vendor`, 'utf8').trim())
  return { platform: process.platform, hasNvidia: existsSync('/dev/nvidia0'), renderVendors: vendors }
}

/** A killed process cannot remove its profile; the next process does. */
function removeStaleProfiles(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.match(/^ppo-webgpu-chrome-(\d+)-/)?.[1])
    if (!pid || isAlive(pid)) continue
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
    } catch {} // Chrome ends a moment later and still writes; the next process removes the folder
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH'
  }
}
