/**
 * Mesa's drivers from Debian's packages, unpacked in a folder of the user's cache. Nothing is installed into the system: a
 * software driver there would be found by `--adapter auto`.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { HarnessError } from '../cli/errors'
import { type PackageSet, SETS } from './families'

export type SetName = keyof typeof SETS

export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ppo-webgpu', 'compilers')

/** The folder that a set is unpacked in. */
export const rootOf = (set: SetName): string => join(cacheFolder(), set, 'root')

/** The version of Mesa in a set; null where it is not there. */
export function mesaVersion(set: SetName): string | null {
  const folder = join(cacheFolder(), set, 'debs')
  const names = existsSync(folder) && existsSync(rootOf(set)) ? readdirSync(folder) : []
  const file = names.find((name) => name.startsWith('mesa-vulkan-drivers_'))
  return file ? decodeURIComponent(file.split('_')[1]) : null
}

/** The mirror of Debian that this machine's own apt uses. */
export function mirrorIn(sources: string): string | null {
  const oneLine = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(?:bookworm|trixie|sid|stable|testing|unstable)\s/m
  const found = /^URIs:\s*(\S+\/debian\/?)\s*$/m.exec(sources) ?? oneLine.exec(sources)
  return found?.[1] ?? null
}

function ownMirror(): string {
  const folder = '/etc/apt/sources.list.d'
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name)) : []
  for (const file of ['/etc/apt/sources.list', ...files.map((name) => join(folder, name))]) {
    const mirror = existsSync(file) ? mirrorIn(readFileSync(file, 'utf8')) : null
    if (mirror) return mirror
  }
  throw new HarnessError(
    'compile-report: no mirror of Debian is in /etc/apt/sources.list or /etc/apt/sources.list.d. --install works on Debian; ' +
      'elsewhere unpack the packages of the list in harness/compilereport/families.ts by hand.',
  )
}

/** Downloads and unpacks the packages of a set, with what they depend on. @throws HarnessError with what apt says. */
export function installSet(set: SetName): void {
  const { suites, packages }: PackageSet = SETS[set]
  const folder = join(cacheFolder(), set)
  const [apt, debs, root] = ['apt', 'debs', 'root'].map((name) => join(folder, name))
  for (const path of [join(apt, 'lists', 'partial'), join(apt, 'cache', 'archives', 'partial'), debs, root]) {
    mkdirSync(path, { recursive: true })
  }
  const mirror = ownMirror()
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(
    join(apt, 'sources.list'),
    suites.map((s) => `deb [signed-by=${keyring}] ${mirror} ${s} main\n`).join(''),
  )
  writeFileSync(join(apt, 'status'), '') // as if nothing were installed: the libraries of the suite, libc included
  const settings = {
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Etc::SourceList': join(apt, 'sources.list'),
    'Dir::Etc::SourceParts': '/none',
    'Dir::Etc::PreferencesParts': '/none',
    'APT::Default-Release': suites.at(-1)!,
    'Debug::NoLocking': '1',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const run = (program: string, args: string[], cwd = folder): string => {
    try {
      return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string }
      throw new HarnessError(`compile-report: ${program} ${args.at(-1)}: ${stderr?.trim() || message}`)
    }
  }
  run('apt-get', [...options, 'update'])
  const wanted = run('apt-get', [...options, 'install', '--print-uris', '-y', '--no-install-recommends', ...packages])
  const names = [...wanted.matchAll(/^'[^']*' ([^_\s]+)_/gm)].map(([, name]) => name)
  // Only libraries: the packages that every Debian has are not needed.
  const needed = names.filter((name) => /^(lib|mesa-|zlib1g)/.test(name))
  run('apt-get', [...options, 'download', ...needed], debs)
  for (const file of readdirSync(debs)) run('dpkg', ['-x', join(debs, file), root])
  if (!mesaVersion(set)) throw new HarnessError(`compile-report: Debian's ${suites.at(-1)} has no mesa-vulkan-drivers.`)
}
