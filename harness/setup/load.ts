/** Environments from a user's file: a module that exports one or more EnvSpecs. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import type { EnvSpec } from '../../src/env/contract'
import { SPEC } from '../../src/env/keys'
import { packageRoot } from '../checkout/root.js'
import { UsageError } from '../cli/errors'
import { plainFile } from '../vite/plainfile'
import { plainPath } from '../vite/plainpath.js'

/**
 * The environments that `file` exports, by name of the export. TypeScript and `?raw` imports are bundled by Vite, which
 * must be installed; plain JavaScript works without.
 * @throws UsageError
 */
export async function loadSpecs(file: string): Promise<{ name: string; spec: EnvSpec }[]> {
  const module = await loadModule(file)
  const specs = Object.entries(module).filter(([, value]) => looksLikeSpec(value))
  if (specs.length === 0) {
    const names = Object.keys(module).join(', ') || 'nothing'
    throw new UsageError(`${file}: exports no EnvSpec (an object with id and wgsl), but ${names}.`)
  }
  return specs.map(([name, spec]) => ({ name, spec: spec as EnvSpec }))
}

/** What `file` exports. @throws UsageError */
export async function loadModule(file: string): Promise<Module> {
  if (!existsSync(file)) throw new UsageError(`${file}: there is no such file.`)
  const vite = await import('vite').catch(() => undefined)
  return vite ? importBundled(vite, file) : importPlain(file)
}

/** Three of its fields are enough: a check says what is wrong with the others. */
const looksLikeSpec = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && SPEC.fields.filter((field) => field in value).length >= 3

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
    writeFileSync(bundle, await bundleOf(vite, file))
    return await runModule(file, pathToFileURL(bundle).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The bundled code of `file`. The library itself is that of this program's checkout, if there is one. */
async function bundleOf(vite: typeof import('vite'), file: string): Promise<string> {
  const entry = plainFile(file)
  const checkout = plainPath(packageRoot())
  const library = join(checkout.path, 'src', 'index.ts')
  try {
    const result = await vite.build({
      root: dirname(entry.path),
      configFile: false,
      logLevel: 'silent',
      publicDir: false,
      plugins: [entry.plugin],
      resolve: {
        alias: existsSync(library) ? { 'ppo-webgpu': library } : {},
        preserveSymlinks: entry.isLink || checkout.isLink,
      },
      ssr: { noExternal: true, target: 'node' },
      build: {
        write: false,
        target: 'node20',
        ssr: entry.path,
        sourcemap: 'inline', // a twin that throws is told with its own file and line
        rollupOptions: { output: { codeSplitting: false } },
      },
    })
    const [{ output }] = [result].flat() as { output: { code: string }[] }[]
    return output[0].code
  } catch (error) {
    throw new UsageError(`${file}: ${stripVTControlCharacters((error as Error).message)}`)
  } finally {
    entry.close()
    checkout.close()
  }
}

async function runModule(file: string, url: string): Promise<Module> {
  process.setSourceMapsEnabled(true)
  try {
    return (await import(/* @vite-ignore */ url)) as Module
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`)
  }
}
