/**
 * The scripts of a page with a player, as text: the player itself, and an environment's twin, each one script without
 * imports. A checkout builds them with Vite; a package has those of the built-in environments in dist/player.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { plainPath } from '../vite/plainpath.js'

/** In place of WGSL: a player gets its picture in another way. */
const withoutWgsl = () => ({
  name: 'without-wgsl',
  enforce: 'pre',
  load: (id) => (/\.wgsl(\?raw)?$/.test(id) ? "export default ''" : null),
})

/** A module that exists only as text, at `path`. */
const textModule = (path, code) => ({
  name: 'text-module',
  enforce: 'pre',
  resolveId: (id) => (id === path ? path : null),
  load: (id) => (id === path ? code : null),
})

/**
 * One script that sets the global variable `name` to what the module exports.
 * @param {string} root The checkout.
 * @param {string} code A module; its imports are found from the checkout.
 * @param {string} name
 */
async function scriptOf(root, code, name, { plugins = [], alias = {} } = {}) {
  const { build } = await import('vite')
  const { path, isLink, close } = plainPath(root)
  const entry = join(path, 'entry.js')
  const result = await build({
    root: path,
    configFile: false,
    logLevel: 'silent',
    publicDir: false,
    resolve: { preserveSymlinks: isLink, alias },
    plugins: [textModule(entry, code), withoutWgsl(), ...plugins],
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      lib: { entry, formats: ['iife'], name, fileName: 'out' },
      rollupOptions: { experimental: { attachDebugInfo: 'none' } },
    },
  }).finally(close)
  return [result].flat()[0].output[0].code
}

/** The player: sets `ppoPlayer`. */
export const playerScript = (root) => scriptOf(root, "export * from './src/player/main.ts'", 'ppoPlayer')

/** The folders of built-in environments. */
export const envFolders = (root) =>
  readdirSync(join(root, 'envs'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(root, 'envs', entry.name)).includes('spec.ts'))
    .map(({ name }) => name)

/** The environments of `envs/<folder>/spec.ts`: sets `ppoEnvs`. */
export const envScript = (root, folder) => scriptOf(root, `export * from './envs/${folder}/spec.ts'`, 'ppoEnvs')

/** The environments of a user's module at `file`: sets `ppoEnvs`. */
export const ownScript = (root, file, options) =>
  scriptOf(
    root,
    `import * as all from ${JSON.stringify(file)}\nexport const envs = Object.values(all)`,
    'ppoEnvs',
    options,
  )
