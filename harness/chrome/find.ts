/**
 * Finds a Chrome or Chromium, or installs one. In this order: an environment variable, puppeteer's cache, a system
 * browser, puppeteer's own download, Debian's package. The order and the messages are here; probes.ts accesses the
 * machine.
 */
import { EXIT, HarnessError } from '../cli/errors'
import { type Probes, systemProbes } from './probes'

export const ENV_VARIABLES = ['PPO_WEBGPU_CHROME', 'PUPPETEER_EXECUTABLE_PATH', 'CHROME_PATH']

export const SYSTEM_NAMES = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome']

const FIXED_PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/opt/google/chrome/chrome', '/usr/bin/chromium', '/usr/lib/chromium/chromium'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
}

export interface FoundBrowser {
  path: string
  source: 'environment' | 'cache' | 'system' | 'download' | 'apt'
}

/** Where a browser may be, in the order of the search; nothing is started or installed. */
export function browserPlaces(probes: Probes): string[] {
  const named = ENV_VARIABLES.map((name) => probes.env[name]).filter((path) => path !== undefined)
  return [...named, ...probes.cached(), ...systemPlaces(probes)]
}

const systemPlaces = (probes: Probes): string[] => {
  const onPath = SYSTEM_NAMES.map((name) => probes.which(name)).filter((path) => path !== null)
  return [...onPath, ...(FIXED_PLACES[probes.platform] ?? [])]
}

const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim()

/** @throws HarnessError that says what was tried and what to do. */
export async function findBrowser(probes: Probes = systemProbes()): Promise<FoundBrowser> {
  for (const name of ENV_VARIABLES) {
    const path = probes.env[name]
    if (!path) continue
    const broken = await probes.whyBroken(path)
    if (broken)
      throw new HarnessError(
        `${name}: ${path} is not a working browser (${broken}). Correct or unset it.`,
        EXIT.badUsage,
      )
    return { path, source: 'environment' }
  }

  const tried: string[] = []
  const firstWorking = async (paths: string[]): Promise<string | undefined> => {
    for (const path of new Set(paths)) {
      const broken = await probes.whyBroken(path)
      if (!broken) return path
      if (!/no such file/.test(broken)) tried.push(`${path}: ${broken}`)
    }
  }
  const cached = await firstWorking(probes.cached())
  if (cached) return { path: cached, source: 'cache' }
  const system = () => firstWorking(systemPlaces(probes))
  const installed = await system()
  if (installed) return { path: installed, source: 'system' }

  probes.log('No Chrome or Chromium here; downloading one with puppeteer.')
  try {
    const path = await probes.download()
    const broken = await probes.whyBroken(path)
    if (!broken) return { path, source: 'download' }
    tried.push(`${path}: ${broken}`)
  } catch (error) {
    tried.push(`puppeteer's download: ${errorText(error)}`)
  }
  if (probes.hasApt && probes.isRoot) {
    probes.log(`That did not work (${tried.at(-1)}). Installing Debian's package chromium with apt-get.`)
    try {
      await probes.aptInstall('chromium')
      const path = await system()
      if (path) return { path, source: 'apt' }
      tried.push('apt-get: it installed no chromium that starts')
    } catch (error) {
      tried.push(`apt-get: ${errorText(error)}`)
    }
  }
  throw new HarnessError(adviseInstall(probes, tried), EXIT.noWebGpu)
}

function adviseInstall(probes: Probes, tried: string[]): string {
  const steps = []
  if (probes.hasApt) steps.push(`run \`${probes.isRoot ? '' : 'sudo '}apt-get install chromium\``)
  steps.push(
    'install Google Chrome from https://www.google.com/chrome',
    `set ${ENV_VARIABLES[0]} to a Chrome or Chromium`,
  )
  const failures = tried.map((line) => `\n  tried ${line}`).join('')
  return `chrome: no Chrome or Chromium was found or could be installed. Do one of these: ${steps.join('; ')}.${failures}`
}
