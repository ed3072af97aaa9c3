/** Runs dropped files as modules: TypeScript or JavaScript that imports its neighbours, WGSL and this library. */
import { transform } from 'sucrase'
import { ConfigError } from '../../config/config'
import { authorPlace } from '../../envcheck/guarded'
import { fieldLine, importLine, type NamedSpec, specsIn } from '../../envcheck/module'
import { checkSpec } from '../../envcheck/spec'
import * as library from '../../index'

/** Texts by path, such as `my/spec.ts`. */
export type Files = Readonly<Record<string, string>>

const CODE = /\.m?[jt]s$/
/** Not run, but for an import of them. */
const ASIDE = /\.(test|spec|d)\.m?[jt]s$/

/**
 * The environment among the files, checked.
 * @throws ConfigError that names the file, and its line if it is known.
 */
export function loadDropped(files: Files): { named: NamedSpec; file: string } {
  const run = runner(files)
  const likely = Object.keys(files).filter(
    (path) => CODE.test(path) && !ASIDE.test(path) && /\bwgslFile\b/.test(files[path]),
  )
  if (likely.length === 0) {
    throw new ConfigError(
      `${Object.keys(files).join(', ')}: none of them describes an environment (an EnvSpec with wgslFile). Drop spec.ts or ` +
        'spec.js, together with its WGSL and its twin.',
    )
  }
  const found = likely.flatMap((file) => specsIn(run(file)).map((named) => ({ named, file })))
  const [first, ...others] = found.filter(
    ({ named }, i) => found.findIndex((one) => one.named.spec === named.spec) === i,
  )
  if (!first) throw new ConfigError(`${likely.join(', ')}: exports no EnvSpec. Write \`export const\` before it.`)
  if (others.length > 0) {
    const names = [first, ...others].map(({ file, named }) => `${file}:${named.name}`).join(', ')
    throw new ConfigError(`The files have ${1 + others.length} environments: ${names}. Drop those of one.`)
  }
  try {
    checkSpec(first.named.spec)
  } catch (error) {
    const line = fieldLine(files[first.file], (error as Error).message)
    throw new ConfigError(`${first.file}${line === null ? '' : `:${line}`}: ${(error as Error).message}`)
  }
  return first
}

type Exports = Record<string, unknown>

/** Runs a file, once, with all that it imports. */
function runner(files: Files): (path: string) => Exports {
  const done = new Map<string, Exports>()
  const run = (path: string): Exports => {
    const before = done.get(path)
    if (before) return before
    const exported: Exports = {}
    done.set(path, exported)
    const body = evaluate(path, compiled(path, files[path]))
    try {
      body(exported, (source) => imported(path, source))
    } catch (error) {
      if (error instanceof ConfigError) throw error
      const place = authorPlace(error)
      throw new ConfigError(`${path}: ${(error as Error)?.message ?? error}${place ? `, at ${place}` : ''}`)
    }
    return exported
  }
  const imported = (from: string, source: string): Exports => {
    if (source === 'ppo-webgpu') return library
    const at = `${from}${importLine(files[from], source)}: imports ${JSON.stringify(source)}`
    if (!/^\.\.?\//.test(source)) {
      throw new ConfigError(
        `${at}, but dropped files can import only each other and ppo-webgpu. Use npm start -- --env FILE.`,
      )
    }
    const wanted = join(from, source.split('?')[0])
    const path = ['', '.ts', '.js', '.mjs', '/index.ts', '/index.js']
      .map((end) => wanted + end)
      .find((path) => path in files)
    if (path === undefined)
      throw new ConfigError(`${at}, and there is no ${wanted} among the files. Drop it together with them.`)
    return CODE.test(path) && !source.endsWith('?raw') ? run(path) : { __esModule: true, default: files[path] }
  }
  return run
}

/** JavaScript with the author's lines. */
function compiled(path: string, text: string): string {
  try {
    const transforms = path.endsWith('ts') ? (['typescript', 'imports'] as const) : (['imports'] as const)
    return transform(text, { transforms: [...transforms], production: true, disableESTransforms: true }).code
  } catch (error) {
    const [, what, line, column] = /^(?:Error transforming [^:]*: )?(.*?)(?: \((\d+):(\d+)\))?$/s.exec(
      (error as Error).message,
    )!
    throw new ConfigError(`${path}${line === undefined ? '' : `:${line}:${column}`}: ${what}`)
  }
}

// biome-ignore lint/security/noGlobalEval: running these files is what the frame is for, and its sandbox holds them
const evaluateGlobally = eval

function evaluate(path: string, code: string): (exports: Exports, require: (source: string) => Exports) => void {
  try {
    // By another name it sees the globals of the frame, and nothing of this file.
    return evaluateGlobally(`(function (exports, require) {${code}\n})\n//# sourceURL=${encodeURI(path)}`)
  } catch (error) {
    throw new ConfigError(`${path}: ${(error as Error).message}`)
  }
}

/** `my/spec.ts` and `../a.ts` -> `a.ts`. */
function join(from: string, source: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of source.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
