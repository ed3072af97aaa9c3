/** A user's module and all that it imports as one piece of JavaScript, by Vite; errors with the author's file and line. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import type { Plugin } from 'vite'
import { importLine } from '../../src/envcheck/module'
import { show } from '../../src/options/show'
import { packageRoot } from '../checkout/root.js'
import { UsageError } from '../cli/errors'
import { plainFile } from '../vite/plainfile'
import { plainPath } from '../vite/plainpath.js'

/**
 * The bundled code of `file`. The library itself is that of this program's checkout, if there is one.
 * @param files Gets the path of every file that is read, also of the one with an error.
 * @throws UsageError
 */
export async function bundleModule(
  vite: typeof import('vite'),
  file: string,
  files = new Set<string>(),
): Promise<string> {
  const entry = plainFile(file)
  const checkout = plainPath(packageRoot())
  const library = join(checkout.path, 'src', 'index.ts')
  try {
    const result = await vite.build({
      root: dirname(entry.path),
      configFile: false,
      logLevel: 'silent',
      publicDir: false,
      plugins: [entry.plugin, filesRead((id) => files.add(entry.actual(id))), ownPlace(entry.actual)],
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
    throw new UsageError(bundleError(file, error as BundleError, entry.actual))
  } finally {
    entry.close()
    checkout.close()
  }
}

const filesRead = (take: (path: string) => void): Plugin => ({
  name: 'files-read',
  enforce: 'pre',
  load(id) {
    take(resolve(id.split('?')[0]))
    return null
  },
})

const PLACE = /\bimport\.meta\.(url|filename|dirname)\b/g

/** A module keeps its place, and so finds the files beside it: the bundle is run in another folder. */
const ownPlace = (actual: (path: string) => string): Plugin => ({
  name: 'own-place',
  enforce: 'pre',
  transform(code, id) {
    if (id.includes('?') || code.search(PLACE) < 0) return null
    const filename = actual(resolve(id))
    const place = { url: pathToFileURL(filename).href, filename, dirname: dirname(filename) }
    return { code: code.replace(PLACE, (_, part: keyof typeof place) => JSON.stringify(place[part])), map: null }
  },
})

interface BundleError extends Error {
  errors?: { code?: string; message: string }[]
}

/** `my/spec.ts:10:20: Unexpected token`, with the lines around it: the first error. */
function bundleError(file: string, { message, errors }: BundleError, actual: (path: string) => string): string {
  const { code = '', message: told } = errors?.[0] ?? { message }
  const text = stripVTControlCharacters(told).trimEnd()
  const [, at, line, column] = /╭─\[ (.+?):(\d+):(\d+) \]/.exec(text) ?? []
  if (at === undefined) return `${file}: ${text}`
  const [first, , ...frame] = text.split('\n')
  const what = first.replace(/^\[[^\]]*\] /, '')
  const path = actual(resolve(at))
  const name = path === resolve(file) ? file : join(dirname(file), relative(dirname(resolve(file)), path))
  // After its first transform TypeScript has lost its types, and lines with them.
  const moved = /\.[cm]?tsx?$/.test(path) && code !== 'PLUGIN_ERROR'
  if (!moved) return `${name}:${line}:${column}: ${[what, ...frame].join('\n')}`
  const missing = /^Could not resolve '(.+?)'/.exec(what)?.[1]
  return missing === undefined
    ? `${name}: ${what}`
    : `${name}${existsSync(path) ? importLine(readFileSync(path, 'utf8'), missing) : ''}: cannot find ${show(missing)}.`
}
