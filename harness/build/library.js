/**
 * The library: `index.js`, `policy.js` and `worker.js`, plain modules with the WGSL inlined, and what they share in files
 * beside them.
 */
import { join } from 'node:path'
import { bareWgsl } from '../vite/barewgsl.js'
import { plainPath } from '../vite/plainpath.js'
import { dist, isFresh, root, sourceStamp, stampFile, writeAtomically } from './files.js'
import { pureVariables } from './pure.js'

const ENTRIES = { index: 'src/index.ts', policy: 'src/policy.ts', worker: 'src/worker/worker.ts' }

/**
 * A shared file is called after what it is for: `policy` needs the one, and only `index` and `worker` the other. The
 * bundler also asks for a file of its own without modules, and then writes none.
 */
function nameOf({ name, moduleIds }) {
  if (moduleIds.length === 0) return `${name}.js`
  return moduleIds.some((id) => id.endsWith('/src/policy/policyfile.ts')) ? 'inference.js' : 'training.js'
}

/**
 * In place of src/worker/start.ts. Bundlers find a Worker by this very expression; Vite would already here, so it is put in
 * when Vite is done.
 */
const workerOfThePackage = () => ({
  name: 'worker-of-the-package',
  enforce: 'pre',
  load: (id) =>
    id.endsWith('/src/worker/start.ts') ? 'export const startWorker = (name) => __PACKAGE_WORKER__(name)' : null,
  renderChunk: {
    order: 'post',
    handler: (code) => ({
      code: code.replace(
        '__PACKAGE_WORKER__(name)',
        "new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name })",
      ),
      map: null,
    }),
  },
})

export async function buildLibrary() {
  const stamp = sourceStamp()
  if (isFresh('library', stamp)) return
  const { build } = await import('vite')
  const { path, isLink, close } = plainPath(root)
  const result = await build({
    root: path,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    resolve: { preserveSymlinks: isLink },
    plugins: [bareWgsl(), workerOfThePackage(), pureVariables()],
    build: {
      write: false,
      target: 'es2022',
      minify: false,
      modulePreload: false,
      lib: {
        entry: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(path, file)])),
        formats: ['es'],
        fileName: (_, name) => `${name}.js`,
      },
      rollupOptions: {
        experimental: { attachDebugInfo: 'none' },
        output: { chunkFileNames: nameOf },
      },
    },
  }).finally(close)
  const { output } = Array.isArray(result) ? result[0] : result
  const names = output.map(({ fileName }) => fileName).sort()
  const wanted = ['index.js', 'inference.js', 'policy.js', 'training.js', 'worker.js']
  if (names.join() !== wanted.join()) throw new Error(`src: built ${names.join(', ')} instead of ${wanted.join(', ')}`)
  for (const { fileName, code } of output) writeAtomically(join(dist, fileName), code)
  writeAtomically(stampFile('library'), stamp)
}
