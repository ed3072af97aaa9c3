/** Vulkan's driver files (ICD manifests) on Linux: where the loader looks for them, and which are of lavapipe. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'

export interface Driver {
  /** Its manifest, a JSON file. */
  file: string
  /** The library in it, as a path if it has one; empty if the file cannot be read. */
  library: string
}

export interface DriverSearch {
  /** The variable that names the files, in place of a search; null if none does. */
  variable: string | null
  /** Folders that were searched, or what the variable names. */
  places: string[]
  drivers: Driver[]
}

type Env = Record<string, string | undefined>
const VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES']
const listOf = (text: string | undefined): string[] => (text ?? '').split(':').filter(Boolean)
const manifests = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(folder, name))
    : []
const filesAt = (path: string): string[] =>
  existsSync(path) && statSync(path).isDirectory() ? manifests(path) : existsSync(path) ? [path] : []

/** As the Vulkan loader searches: https://github.com/KhronosGroup/Vulkan-Loader, LoaderDriverInterface.md. */
function folders(env: Env): string[] {
  const home = env.HOME || homedir()
  const roots = [
    env.XDG_CONFIG_HOME || join(home, '.config'),
    ...listOf(env.XDG_CONFIG_DIRS || '/etc/xdg'),
    ...['/usr/local/etc', '/etc'],
    env.XDG_DATA_HOME || join(home, '.local/share'),
    ...listOf(env.XDG_DATA_DIRS || '/usr/local/share:/usr/share'),
  ]
  return [...new Set(roots)].map((root) => join(root, 'vulkan/icd.d'))
}

/** The drivers that Vulkan's loader would find with these variables. */
export function findDrivers(env: Env = process.env): DriverSearch {
  const variable = VARIABLES.find((name) => env[name]) ?? null
  const added = variable === null ? listOf(env.VK_ADD_DRIVER_FILES) : []
  const places = variable === null ? [...added, ...folders(env)] : listOf(env[variable])
  const files = [...new Set(places.flatMap(filesAt))]
  return { variable, places, drivers: files.map((file) => ({ file, library: libraryIn(file) })) }
}

function libraryIn(file: string): string {
  try {
    const path = JSON.parse(readFileSync(file, 'utf8')).ICD.library_path
    return path.includes('/') ? join(path.startsWith('/') ? '/' : dirname(file), path) : path
  } catch {
    return ''
  }
}

export const isLavapipeDriver = ({ file, library }: Driver): boolean =>
  /lvp|lavapipe|llvmpipe/i.test(basename(library) || basename(file))

/** The variables that make the loader take these drivers alone. Those before 1.3.207 read the second one. */
export const onlyDrivers = (files: string[]): Record<string, string> => ({
  VK_DRIVER_FILES: files.join(':'),
  VK_ICD_FILENAMES: files.join(':'),
})
