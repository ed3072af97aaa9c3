/** lavapipe, Mesa's Vulkan driver that computes on the CPU: where it is installed, how to get it, and what it costs. */
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Driver, type DriverSearch, isLavapipeDriver } from './drivers'

const NAMES = ['lavapipe', 'llvmpipe']

/** Whether a part of a name means lavapipe, which calls its device `llvmpipe (LLVM 15.0.6, 256 bits)`. */
export function meansLavapipe(part: string): boolean {
  const text = part.toLowerCase()
  return NAMES.some((name) => text.includes(name) || (text.length > 2 && name.includes(text)))
}

/** What was measured: docs/performance.md. */
export const LAVAPIPE_COST =
  "lavapipe: about 3 to 5 times SwiftShader's speed here (CartPole-v1, two layers of 64 units); the first start with a " +
  'network compiles for about 90 s of CPU time, later ones about 3 s.'

export const GET_LAVAPIPE =
  'It is a part of Mesa: version 25.0 works, and the 22.3 of Debian 12 does not. On Debian 12 install that of the backports ' +
  '(`apt-get install -t bookworm-backports mesa-vulkan-drivers`), elsewhere mesa-vulkan-drivers (Debian 13, Ubuntu, Fedora) or ' +
  'vulkan-swrast (Arch). Or unpack the package into a folder, and name its driver file in VK_DRIVER_FILES: ' +
  'docs/browsers.md, "lavapipe".'

/** The drivers of lavapipe in `search`; or why there is none, and how to get it. */
export function lavapipeIn({ variable, places, drivers }: DriverSearch): { drivers: Driver[] } | { why: string } {
  const own = drivers.filter(isLavapipeDriver)
  const looked = variable === null ? places.join(', ') : `${variable}, which names ${places.join(', ')}`
  if (own.length === 0)
    return { why: `no Vulkan driver file of lavapipe (lvp_icd*.json) in ${looked}. ${GET_LAVAPIPE}` }
  // A library without a folder is looked up by the system.
  const there = own.filter(({ library }) => !library.includes('/') || existsSync(library))
  if (there.length > 0) return { drivers: there }
  const [{ file, library }] = own
  return { why: `${file} names the library ${library}, which is not there. ${GET_LAVAPIPE}` }
}

/** Where Mesa keeps compiled kernels between starts, and its variable for it; the user's own choice stays. */
export function shaderCache(env: Record<string, string | undefined> = process.env): {
  folder: string
  env: Record<string, string>
} {
  const own = env.MESA_SHADER_CACHE_DIR
  const folder = own || join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'ppo-webgpu', 'lavapipe')
  return { folder, env: own ? {} : { MESA_SHADER_CACHE_DIR: folder } }
}

/** What happens to compiled kernels, for the user. */
export function keepCache(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true })
    return `Compiled kernels are kept in ${folder}.`
  } catch (error) {
    return `Compiled kernels cannot be kept (${(error as Error).message}): every start compiles. MESA_SHADER_CACHE_DIR names another folder.`
  }
}
