/** Environments from a user's file: a module that exports one or more EnvSpecs. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { authorPlace } from '../../src/envcheck/guarded'
import { type NamedSpec, specsIn } from '../../src/envcheck/module'
import { UsageError } from '../cli/errors'
import { bundleModule } from './bundle'

/**
 * The environments that `file` exports, each once. TypeScript and `?raw` imports are bundled by Vite, which
 * must be installed; plain JavaScript works without.
 * @throws UsageError
 */
export async function loadSpecs(file: string): Promise<NamedSpec[]> {
  const module = await loadModule(file)
  const specs = specsIn(module)
  if (specs.length > 0) return specs
  const names = Object.keys(module).join(', ') || 'nothing'
  throw new UsageError(`${file}: exports no EnvSpec (an object with id and wgsl), but ${names}.`)
}

/** What `file` exports. @throws UsageError */
export async function loadModule(file: string): Promise<Module> {
  if (!existsSync(file)) throw new UsageError(`${file}: there is no such file.`)
  const vite = await import('vite').catch(() => undefined)
  return vite ? importBundled(vite, file) : importPlain(file)
}

export type Module = Record<string, unknown>

async function importPlain(file: string): Promise<Module> {
  if (!/\.m?js$/.test(file)) {
    throw new UsageError(
      `${file}: is bundled by Vite, which is not installed. Run \`npm install vite\`, or give a .js.`,
    )
  }
  return runModule(file, pathToFileURL(resolve(file)).href)
}

async function importBundled(vite: typeof import('vite'), file: string): Promise<Module> {
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-env-'))
  try {
    const bundle = join(folder, 'env.mjs')
    writeFileSync(bundle, await bundleModule(vite, file))
    return await runModule(file, pathToFileURL(bundle).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runModule(file: string, url: string): Promise<Module> {
  process.setSourceMapsEnabled(true)
  try {
    return (await import(/* @vite-ignore */ url)) as Module
  } catch (error) {
    const place = authorPlace(error)
    throw new UsageError(`${file}: ${(error as Error).message}${place ? `, at ${place}` : ''}`)
  }
}
