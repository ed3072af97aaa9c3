import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the nearest package.json above this file: the checkout, or the installed package. */
export function packageRoot() {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('ppo-webgpu: no package.json above its own files; reinstall the package.')
    folder = parent
  }
  return folder
}

/** The version in package.json. */
export const packageVersion = () => JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version
