/** Installs the rivals' libraries into harness/peers/node_modules, on the first `--rivals`. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../checkout/root.js'
import { EXIT, HarnessError } from '../cli/errors'

export const peersFolder = (): string => join(packageRoot(), 'harness', 'peers')

const INSTALL_SECONDS = 300

type Versions = Record<string, string>

/** The versions in harness/peers/package.json. */
export function wantedVersions(folder: string): Versions {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) {
    throw new HarnessError(
      `--rivals: ${folder} is not there. The rivals are measured from a checkout of the repository, not from the package.`,
      EXIT.badUsage,
    )
  }
  return JSON.parse(readFileSync(file, 'utf8')).dependencies
}

/** Names of the packages that are missing, or installed in another version. */
export function missingPackages(folder: string, wanted: Versions): string[] {
  return Object.keys(wanted).filter((name) => {
    const file = join(folder, 'node_modules', name, 'package.json')
    return !existsSync(file) || JSON.parse(readFileSync(file, 'utf8')).version !== wanted[name]
  })
}

/**
 * Installs the libraries with npm, if they are missing. Returns their versions.
 * @throws HarnessError with npm's message, and what to do.
 */
export async function installPeers(say: (line: string) => void, folder = peersFolder()): Promise<Versions> {
  const wanted = wantedVersions(folder)
  const missing = missingPackages(folder, wanted)
  if (missing.length === 0) return wanted
  const list = missing.map((name) => `${name} ${wanted[name]}`).join(', ')
  say(`Installing the rivals into ${join(folder, 'node_modules')}, once (about 110 MB): ${list}.`)
  const said = await npmInstall(folder)
  const still = missingPackages(folder, wanted)
  if (still.length === 0) return wanted
  throw new HarnessError(
    `--rivals: npm could not install ${still.join(', ')}. Run \`npm install --prefix ${folder}\` by hand where there is ` +
      `a network, or leave --rivals out.\n${said}`,
  )
}

/** The end of npm's output, or why it did not run. */
function npmInstall(folder: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
      cwd: folder,
      shell: process.platform === 'win32',
      timeout: INSTALL_SECONDS * 1000,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const keep = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-4000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve(`npm did not start: ${error.message}`))
    child.on('close', (_, signal) =>
      resolve(signal ? `npm was ended after ${INSTALL_SECONDS} s.\n${said.trim()}` : said.trim()),
    )
  })
}
