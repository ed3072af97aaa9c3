/** Builds dist/: `cli.js`, `host.js` and `page/` always; `npm run build` also the library, its types and the lab. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { dist, isFresh, root, sourceStamp, stampFile, writeAtomically } from './build/files.js'
import { buildLab } from './build/lab.js'
import { buildLibrary } from './build/library.js'
import { plainMessage } from './build/message.js'
import { envFolders, envScript, playerScript } from './share/player.js'
import { bareWgsl } from './vite/barewgsl.js'
import { plainPath } from './vite/plainpath.js'

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
    plugins: [bareWgsl()],
    ...(options.ssr ? { ssr: { noExternal: true, target: 'node' } } : {}),
    build: {
      write: false,
      target: options.ssr ? 'node20' : 'es2022',
      minify: options.minify ?? false,
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
  await bundle('harness/page/main.ts', 'page/page.js', { minify: true })
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
    external: [/^node:/, 'puppeteer', 'puppeteer-core', 'vite', '@mujoco/mujoco'],
    banner: '#!/usr/bin/env node',
  })
  chmodSync(join(dist, 'cli.js'), 0o755)
  writeAtomically(stampFile('cli'), stamp)
}

/** What `npm start -- --env FILE` adds to the lab's server: only for this checkout. Returns its path. */
export async function buildServed() {
  const stamp = sourceStamp()
  if (!isFresh('served', stamp)) {
    await bundle('harness/served/served.ts', 'served.js', { ssr: true, external: [/^node:/, 'vite'] })
    writeAtomically(stampFile('served'), stamp)
  }
  return join(dist, 'served.js')
}

/** What `share` and `enjoy` put into a page, for a package without sources. */
async function buildPlayer() {
  writeAtomically(join(dist, 'player/player.js'), await playerScript(root))
  for (const folder of envFolders(root))
    writeAtomically(join(dist, `player/${folder}.js`), await envScript(root, folder))
}

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
  await buildLibrary()
  await buildPlayer()
  rmSync(join(dist, 'types'), { recursive: true, force: true })
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', join(root, 'harness/tsconfig.types.json')], { stdio: 'inherit' })
  addExtensions(join(dist, 'types'))
  writeFileSync(join(dist, 'types/typescript5.d.ts'), TYPESCRIPT_5)
  // dist/ is published; stamps, and what serves the lab, are only for this checkout.
  for (const part of ['page', 'cli', 'library']) rmSync(stampFile(part))
  for (const file of [stampFile('served'), join(dist, 'served.js')]) rmSync(file, { force: true })
  console.log(
    `Built in ${dist}:\n${MADE.map(([name, what]) => `  ${name.padEnd(14)}${sizeOf(join(dist, name))}  ${what}`).join('\n')}`,
  )
}

/** The outputs of `npm run build`. */
const MADE = [
  ['index.js', 'the library'],
  ['policy.js', 'its part for trained policies: ppo-webgpu/policy'],
  ['worker.js', 'its Worker'],
  ['training.js', 'what index.js and worker.js share'],
  ['inference.js', 'what all three share'],
  ['types/', 'its types'],
  ['cli.js', 'the commands: npx ppo-webgpu'],
  ['page/', 'the page that they open in Chrome'],
  ['host.js', 'the same in Node, without a browser'],
  ['player/', 'the scripts of the pages of share and enjoy'],
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
