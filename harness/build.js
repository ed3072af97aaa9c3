/**
 * Builds dist/: `cli.js`, `host.js` and `page/` always; `npm run build` also the library `index.js`, its types and the
 * lab. Files are written by rename, so that another process never reads an incomplete one.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { packageRoot } from './checkout/root.js'
import { plainPath } from './vite/plainpath.js'

const root = packageRoot()
const dist = join(root, 'dist')
/** Folders without source files, inside a folder of sources. */
const GENERATED = ['node_modules', 'dist']
const SOURCES = ['src', 'shaders', 'envs', 'harness', 'vite.config.ts', 'package.json']

/** A hash over path, time and size of every source file: changes with every edit and deletion. */
function sourceStamp() {
  const hash = createHash('sha256')
  const visit = (path) => {
    const stat = statSync(path)
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort()) if (!GENERATED.includes(name)) visit(join(path, name))
    } else {
      hash.update(`${path} ${stat.mtimeMs} ${stat.size}\n`)
    }
  }
  for (const name of SOURCES) if (existsSync(join(root, name))) visit(join(root, name))
  return hash.digest('hex')
}

const stampFile = (part) => join(dist, `.stamp-${part}`)
const isFresh = (part, stamp) => existsSync(stampFile(part)) && readFileSync(stampFile(part), 'utf8') === stamp

function writeAtomically(file, content) {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  writeFileSync(temporary, content, { flag: 'wx' })
  renameSync(temporary, file)
}

/** One entry, one output file. Only imports named in `external` are left in it. */
async function bundle(entry, output, options = {}) {
  const { build } = await import('vite')
  const { path, isLink, close } = plainPath(root)
  const result = await build({
    root: path,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    resolve: { preserveSymlinks: isLink },
    ...(options.ssr ? { ssr: { noExternal: true, target: 'node' } } : {}),
    build: {
      write: false,
      target: options.ssr ? 'node20' : 'es2022',
      minify: false,
      modulePreload: false,
      ...(options.ssr
        ? { ssr: join(path, entry) }
        : { lib: { entry: join(path, entry), formats: ['es'], fileName: 'out' } }),
      rollupOptions: {
        external: options.external ?? [],
        // No comments with names of source files: a reader of dist/ does not have those files.
        experimental: { attachDebugInfo: 'none' },
        output: { codeSplitting: false, banner: options.banner },
      },
    },
  }).finally(close)
  const { output: chunks } = Array.isArray(result) ? result[0] : result
  if (chunks.length !== 1)
    throw new Error(`${entry}: built ${chunks.map((c) => c.fileName).join(', ')} instead of one file`)
  writeAtomically(join(dist, output), chunks[0].code)
}

/** The pages of the rivals for `bench --rivals`; their libraries must be installed. Never part of dist/. */
export async function buildPeers() {
  const folder = join(root, 'harness/peers')
  const stamp = sourceStamp()
  const file = join(folder, 'dist/.stamp')
  if (existsSync(file) && readFileSync(file, 'utf8') === stamp) return
  for (const name of ['tfjs', 'jax']) await bundle(`harness/peers/page/${name}.ts`, `../harness/peers/dist/${name}.js`)
  writeAtomically(file, stamp)
}

/** The GPU side: index.html and page.js, and host.js, which runs page.js in Node. */
export async function buildPage() {
  const stamp = sourceStamp()
  if (isFresh('page', stamp)) return
  await bundle('harness/page/main.ts', 'page/page.js')
  await bundle('harness/node/host.ts', 'host.js', { ssr: true, external: [/^node:/, 'webgpu'] })
  writeAtomically(join(dist, 'page/index.html'), readFileSync(join(root, 'harness/page/index.html')))
  writeAtomically(stampFile('page'), stamp)
}

/** The command line program. Puppeteer and Vite are not included and are loaded when a command needs them. */
export async function buildCli() {
  const stamp = sourceStamp()
  if (isFresh('cli', stamp)) return
  await bundle('harness/cli.ts', 'cli.js', {
    ssr: true,
    external: [/^node:/, 'puppeteer', 'puppeteer-core', 'vite'],
    banner: '#!/usr/bin/env node',
  })
  chmodSync(join(dist, 'cli.js'), 0o755)
  writeAtomically(stampFile('cli'), stamp)
}

/** The lab as a static site in dist/lab: relative paths, no server. */
async function buildLab() {
  const { build } = await import('vite')
  const { path, isLink, close } = plainPath(root)
  if (isLink) process.env.PPO_WEBGPU_LINK = path // for vite.config.ts
  await build({ root: path, configFile: join(path, 'vite.config.ts'), logLevel: 'warn' }).finally(close)
}

/** An error's message without the bundler's colours. */
export const plainMessage = (error) => stripVTControlCharacters(error instanceof Error ? error.message : String(error))

/** Changes `from './config'` to `from './config.js'` in every declaration, as Node's module resolution requires. */
function addExtensions(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = join(folder, name)
    if (!name.endsWith('.d.ts')) continue
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/((?:from|import\()\s*['"])(\.\.?\/[^'"]+)(['"])/g, '$1$2.js$3'))
  }
}

/** TypeScript knows WebGPU from version 6 on; before, its names come from @webgpu/types, which later versions clash with. */
const TYPESCRIPT_5 = `/// <reference types="@webgpu/types" />
export * from './src/index.js'
`

async function buildFull() {
  await buildPage()
  await buildCli()
  await buildLab()
  await bundle('src/index.ts', 'index.js')
  rmSync(join(dist, 'types'), { recursive: true, force: true })
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', join(root, 'harness/tsconfig.types.json')], { stdio: 'inherit' })
  addExtensions(join(dist, 'types'))
  writeFileSync(join(dist, 'types/typescript5.d.ts'), TYPESCRIPT_5)
  // dist/ is published; the stamps are only for this checkout.
  for (const part of ['page', 'cli']) rmSync(stampFile(part))
  console.log(
    `Built in ${dist}:\n${MADE.map(([name, what]) => `  ${name.padEnd(10)}${sizeOf(join(dist, name))}  ${what}`).join('\n')}`,
  )
}

/** The outputs of `npm run build`. */
const MADE = [
  ['index.js', 'the library'],
  ['types/', 'its types'],
  ['cli.js', 'the commands: npx ppo-webgpu'],
  ['page/', 'the page that they open in Chrome'],
  ['host.js', 'the same in Node, without a browser'],
  ['lab/', 'the lab: a static site, to be served from any folder'],
]

/** Kilobytes of a file, or of all files in a folder. */
function sizeOf(path) {
  const bytes = (entry) =>
    statSync(entry).isDirectory()
      ? readdirSync(entry).reduce((sum, name) => sum + bytes(join(entry, name)), 0)
      : statSync(entry).size
  return `${Math.round(bytes(path) / 1000)} kB`.padStart(8)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await buildFull()
  } catch (error) {
    console.error(plainMessage(error))
    process.exitCode = 1
  }
}
