/** Access to the machine for find.ts: files, PATH, puppeteer's cache and download, apt-get. */
import { execFile, spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What the search needs from the machine. */
export interface Probes {
  env: Record<string, string | undefined>
  platform: NodeJS.Platform
  isRoot: boolean
  hasApt: boolean
  /** Null if `path` starts, else why it does not. */
  whyBroken(path: string): Promise<string | null>
  /** Browsers in puppeteer's cache, newest first. */
  cached(): string[]
  /** The full path of a program on PATH, or null. */
  which(name: string): string | null
  /** Puppeteer's own download; returns the executable. */
  download(): Promise<string>
  /** `apt-get install` of one of Debian's packages. */
  aptInstall(name: string): Promise<void>
  log(line: string): void
}

const DOWNLOAD_SECONDS = 180
const APT_SECONDS = 600

const log = (line: string): void => void process.stderr.write(`${line}\n`)
const cacheDir = (): string => process.env.PUPPETEER_CACHE_DIR ?? join(home(), '.cache', 'puppeteer')
/** A bare machine may have neither HOME nor an entry for the user in /etc/passwd. */
function home(): string {
  try {
    return homedir()
  } catch {
    return tmpdir()
  }
}
const isFile = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function systemProbes(): Probes {
  return {
    env: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasApt: process.platform === 'linux' && which('apt-get') !== null,
    whyBroken,
    cached,
    which,
    download,
    aptInstall,
    log,
  }
}

function which(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name)
    if (folder && isFile(path)) return path
  }
  return null
}

/** Starts `path --version`: a downloaded Chrome may lack shared libraries, a distribution's may be a stub. */
function whyBroken(path: string): Promise<string | null> {
  if (!existsSync(path)) return Promise.resolve('no such file')
  if (!isFile(path)) return Promise.resolve('not executable')
  // On Windows `--version` opens a window instead of answering.
  if (process.platform === 'win32') return Promise.resolve(null)
  return new Promise((resolve) => {
    execFile(path, ['--version'], { timeout: 20_000 }, (error, stdout, stderr) => {
      if (!error && /chrom/i.test(stdout)) return resolve(null)
      const said = `${stderr || stdout}`.trim().split('\n').at(-1)
      resolve(said || (error ? `does not start: ${error.message}` : 'does not answer --version like Chrome'))
    })
  })
}

/** `<cache>/chrome/<platform>-<build>/chrome-<platform>/chrome` */
function cached(): string[] {
  const program = {
    win32: 'chrome.exe',
    darwin: 'Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
  }
  const name = program[process.platform as 'win32'] ?? 'chrome'
  const root = join(cacheDir(), 'chrome')
  if (!existsSync(root)) return []
  const builds = readdirSync(root).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  return builds
    .flatMap((build) => readdirSync(join(root, build)).map((inner) => join(root, build, inner, name)))
    .filter((path) => existsSync(path))
}

async function download(): Promise<string> {
  const { core, browsersPath } = resolvePuppeteer()
  const { PUPPETEER_REVISIONS } = await import(pathToFileURL(core).href)
  const browsers = await import(pathToFileURL(browsersPath).href)
  const buildId = PUPPETEER_REVISIONS.chrome
  let shown = -1
  const installing = browsers.install({
    browser: 'chrome',
    buildId,
    cacheDir: cacheDir(),
    downloadProgressCallback: (got: number, total: number) => {
      const tenth = Math.floor((10 * got) / total)
      if (tenth > shown) log(`  Chrome ${buildId}: ${(shown = tenth) * 10} % of ${Math.round(total / 1e6)} MB`)
    },
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${DOWNLOAD_SECONDS} s`)), DOWNLOAD_SECONDS * 1000)
  })
  const { executablePath } = await Promise.race([installing, late]).finally(() => clearTimeout(timer))
  return executablePath
}

/** puppeteer-core and @puppeteer/browsers, wherever the package manager installed them. */
function resolvePuppeteer(): { core: string; browsersPath: string } {
  let core: string
  const require = createRequire(import.meta.url)
  try {
    core = createRequire(require.resolve('puppeteer')).resolve('puppeteer-core')
  } catch {
    core = require.resolve('puppeteer-core')
  }
  return { core, browsersPath: createRequire(core).resolve('@puppeteer/browsers') }
}

async function aptInstall(name: string): Promise<void> {
  await apt(['update'])
  await apt(['install', '-y', '--no-install-recommends', name])
}

function apt(args: string[]): Promise<void> {
  log(`  apt-get ${args.join(' ')}`)
  return new Promise((resolve, reject) => {
    // apt's own output goes to stderr: stdout is for the command's result.
    const child = spawn('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: APT_SECONDS * 1000,
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`apt-get ${args[0]} ended with ${signal ?? `code ${code}`}`))
    })
  })
}
