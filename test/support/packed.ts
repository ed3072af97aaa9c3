/** The package as its users get it: packed, and installed in a project. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

const npm = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Packs into `folder`, with what the package depends on from the checkout: no registry is asked. Returns the tarballs. */
export function packInto(folder: string): string[] {
  // Not built in place: `npm pack` empties dist/, and other tests read it.
  const source = join(folder, 'source')
  mkdirSync(source)
  for (const name of readdirSync(root)) {
    if (/^(node_modules|dist|runs|test|\..*)$/.test(name)) continue
    cpSync(join(root, name), join(source, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'))
  npm(source, 'pack', '--pack-destination', folder)
  npm(source, 'pack', '--ignore-scripts', '--pack-destination', folder, './node_modules/@webgpu/types')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(folder, name))
}

/** Installs tarballs in `project`, which gets a package.json where it has none. */
export function installInto(project: string, tarballs: readonly string[]): void {
  mkdirSync(project, { recursive: true })
  const manifest = join(project, 'package.json')
  if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ name: 'user', private: true, type: 'module' }))
  const flags = ['--offline', '--no-audit', '--no-fund', '--omit=peer', '--omit=optional', '--omit=dev']
  npm(project, 'install', ...flags, ...tarballs)
}
