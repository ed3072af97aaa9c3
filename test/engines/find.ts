/**
 * Deno and Firefox for these tests, installed where they are missing: Deno by npm into this folder, Firefox as Debian's
 * package. An engine that cannot be had is an error; nothing is left out.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Probes, systemProbes } from '../../harness/chrome/probes'

export const enginesFolder = import.meta.dirname
/** npm's package of Deno's binary: the only systems on which these tests have a software adapter are Linux. */
export const DENO_PACKAGE = '@deno/linux-x64-glibc'
export const FIREFOX_VARIABLE = 'PPO_WEBGPU_FIREFOX'
export const FIREFOX_PACKAGE = 'firefox-esr'

export interface Engine {
  path: string
  version: string
}

/** What the search needs, beside the machine's probes. */
export interface Search extends Pick<Probes, 'env' | 'which' | 'isRoot' | 'hasApt' | 'aptInstall' | 'log'> {
  /** What `path --version` prints. @throws where it does not start. */
  versionOf(path: string): string
  /** `npm ci` in `folder`. @throws with what npm says. */
  npmInstall(folder: string): void
}

const said = (error: unknown): string => {
  const { stderr, message } = error as { stderr?: string; message: string }
  return stderr?.trim() || message
}

export const systemSearch = (): Search => ({
  ...systemProbes(),
  versionOf: (path) => execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 60_000 }),
  npmInstall: (folder) => {
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, encoding: 'utf8', stdio: [...stdio] })
  },
})

/** The version of Deno in this folder's package.json. */
export const wantedDeno = (folder = enginesFolder): string =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies[DENO_PACKAGE]

/** @throws Error that says what npm said, and what to do. */
export function findDeno(search = systemSearch(), folder = enginesFolder): Engine {
  const wanted = wantedDeno(folder)
  const inside = join(folder, 'node_modules', DENO_PACKAGE)
  const installed = (): boolean => {
    const file = join(inside, 'package.json')
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === wanted
  }
  if (!installed()) {
    search.log(`Installing Deno ${wanted} into ${join(folder, 'node_modules')}, once (about 95 MB).`)
    try {
      search.npmInstall(folder)
    } catch (error) {
      throw new Error(
        `deno: npm could not install ${DENO_PACKAGE} ${wanted}, which is for Linux on x64. Run \`npm ci\` in ${folder} ` +
          `where there is a network.\n${said(error)}`,
      )
    }
  }
  const path = join(inside, 'deno')
  const version = /^deno (\S+)/.exec(search.versionOf(path))?.[1]
  if (version !== wanted)
    throw new Error(`deno: ${path} is version ${version}, not ${wanted}. Run \`npm ci\` in ${folder}.`)
  return { path, version }
}

/** @throws Error that says what was tried, and what to do. */
export async function findFirefox(search = systemSearch()): Promise<Engine> {
  const tried: string[] = []
  const working = (path: string | null | undefined): Engine | null => {
    if (!path) return null
    try {
      const text = search.versionOf(path)
      const version = /Mozilla Firefox (\S+)/.exec(text)?.[1]
      if (version) return { path, version }
      tried.push(`${path}: does not answer --version like Firefox, but ${JSON.stringify(text.trim())}`)
    } catch (error) {
      tried.push(`${path}: ${said(error)}`)
    }
    return null
  }
  const failed = (): Error => {
    const command = `${search.isRoot ? '' : 'sudo '}apt-get install --no-install-recommends ${FIREFOX_PACKAGE}`
    const steps = [...(search.hasApt ? [`run \`${command}\``] : []), `set ${FIREFOX_VARIABLE} to a Firefox`]
    const lines = tried.map((line) => `\n  tried ${line}`).join('')
    return new Error(`firefox: none was found or could be installed. Do one of these: ${steps.join('; ')}.${lines}`)
  }
  const given = search.env[FIREFOX_VARIABLE]
  const onPath = (): Engine | null => working(search.which(FIREFOX_PACKAGE)) ?? working(search.which('firefox'))
  const found = given ? working(given) : onPath()
  if (found) return found
  if (given || !search.hasApt || !search.isRoot) throw failed()
  search.log(`No Firefox here; installing Debian's package ${FIREFOX_PACKAGE} with apt-get.`)
  await search.aptInstall(FIREFOX_PACKAGE).catch((error) => tried.push(`apt-get: ${said(error)}`))
  const installed = onPath()
  if (!installed) throw failed()
  return installed
}
