/** How much of the library an app ships: bundled by esbuild, webpack and Vite from the package, and loaded in Node. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import * as esbuild from 'esbuild'
import * as vite from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import webpack from 'webpack'
import { buildLibrary } from '../../harness/build/library.js'
import { withPureVariables } from '../../harness/build/pure.js'
import { cartPole } from '../../src'
import { layoutNetwork } from '../../src/model/network'
import { policyFile } from '../../src/policy/policyfile'

const root = fileURLToPath(new URL('../../', import.meta.url))
const app = mkdtempSync(join(tmpdir(), 'ppo-webgpu-app-'))
const path = (...names: string[]) => join(app, ...names)

const load = (from: string) => `import { loadPolicy } from '${from}'
  globalThis.actions = (bytes) => loadPolicy(bytes).act([0, 0, 0.05, 0])`
const APPS = {
  policy: load('ppo-webgpu/policy'),
  main: load('ppo-webgpu'),
  worker: `import { createPpoWorker } from 'ppo-webgpu'
    globalThis.training = () => createPpoWorker({ env: 'CartPole-v1' })`,
}

beforeAll(async () => {
  await buildLibrary()
  const installed = path('node_modules/ppo-webgpu')
  mkdirSync(installed, { recursive: true })
  cpSync(join(root, 'package.json'), join(installed, 'package.json'))
  for (const name of readdirSync(join(root, 'dist'))) {
    if (/^(index|policy|worker|training|inference)\.js$/.test(name)) {
      cpSync(join(root, 'dist', name), join(installed, 'dist', name))
    }
  }
  writeFileSync(path('package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  for (const [name, code] of Object.entries(APPS)) writeFileSync(path(`${name}.js`), code)
})
afterAll(() => rmSync(app, { recursive: true, force: true }))

/** The page's own script; a Worker's is another file. */
const BUNDLERS = {
  async esbuild(name: string) {
    const { outputFiles } = await esbuild.build({
      ...{ entryPoints: [path(`${name}.js`)], bundle: true, minify: true, format: 'esm', write: false },
    })
    return outputFiles[0].text
  },
  async Vite(name: string) {
    const built = await vite.build({
      ...{ root: app, configFile: false, logLevel: 'silent' },
      build: { write: false, modulePreload: false, rollupOptions: { input: path(`${name}.js`) } },
    })
    const [{ output }] = [built].flat() as { output: { code: string; isEntry: boolean }[] }[]
    return output.find(({ isEntry }) => isEntry)!.code
  },
  async webpack(name: string) {
    const output = { path: path('out', name), filename: 'main.js' }
    await new Promise<void>((resolve, reject) =>
      webpack(
        { mode: 'production', context: app, entry: `./${name}.js`, output, performance: false },
        (error, stats) => (error || stats!.hasErrors() ? reject(error ?? new Error(stats!.toString())) : resolve()),
      ),
    )
    return readFileSync(path('out', name, 'main.js'), 'utf8')
  },
}
const bundlers = Object.keys(BUNDLERS) as (keyof typeof BUNDLERS)[]
const gzipped = (code: string) => gzipSync(code, { level: 9 }).length
const HAS_WGSL = /@compute|\bfn \w+\(/

const shape = {
  ...{ obsDim: 4, actionDim: 2, actorHidden: [8], criticHidden: [8] },
  ...{ activation: 'tanh' as const, dist: 'categorical' as const },
}
const weights = () => Float32Array.from({ length: layoutNetwork(shape).paramStride }, (_, i) => Math.sin(i))
const bytes = () => policyFile(cartPole, shape, weights())

describe.each(bundlers)('%s', (bundler) => {
  test.each(['policy', 'main'])(
    'an app that loads a policy, from %s, ships less than 14 kB and no WGSL',
    async (name) => {
      const code = await BUNDLERS[bundler](name)
      expect(gzipped(code)).toBeLessThan(14_000)
      expect(code).not.toMatch(HAS_WGSL)
      const scope: { actions?: (bytes: Uint8Array) => number[] } = {}
      new Function('globalThis', code)(scope)
      expect(scope.actions!(bytes())).toHaveLength(1)
    },
  )

  test('a page that trains in a Worker ships less than 21 kB itself, and no WGSL', async () => {
    const code = await BUNDLERS[bundler]('worker')
    expect(gzipped(code)).toBeLessThan(21_000)
    expect(code).not.toMatch(HAS_WGSL)
  })
})

test('control: an app that trains in the page ships the WGSL', async () => {
  writeFileSync(path('train.js'), "import { createPpo } from 'ppo-webgpu'\nglobalThis.training = createPpo")
  const code = await BUNDLERS.esbuild('train')
  expect(code).toMatch(HAS_WGSL)
  expect(gzipped(code)).toBeGreaterThan(20_000)
  // Kernels have no comments any more, and the lines where their authors wrote them.
  expect(code).not.toContain('https://')
})

test('Node loads the policy alone', () => {
  writeFileSync(path('policy.safetensors'), bytes())
  const script = `
    import { readFileSync } from 'node:fs'
    import { loadPolicy } from 'ppo-webgpu/policy'
    console.log(JSON.stringify(loadPolicy(readFileSync('policy.safetensors')).act([0, 0, 0.05, 0])))`
  const run = () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: app, encoding: 'utf8' })
  for (const name of ['index.js', 'training.js']) rmSync(path('node_modules/ppo-webgpu/dist', name))
  expect(JSON.parse(run())).toHaveLength(1)
})

test('variables are pure only where they run code', () => {
  const code = 'const a = f(1), b = 2\nexport const c = new Map(g())\nconst d = () => f(a)\nlet { e } = f()\nf()'
  expect(withPureVariables(code)).toBe(
    'const a = /* @__PURE__ */ (() => (f(1)))(), b = 2\nexport const c = /* @__PURE__ */ (() => (new Map(g())))()\n' +
      'const d = () => f(a)\nlet { e } = f()\nf()',
  )
})
