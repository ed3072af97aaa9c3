/**
 * `npm run gallery`: dist/docs/gallery, the pages of the policies in examples/gallery. `npm run gallery -- RUN` first takes the
 * best policy of a run into examples/gallery.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageVersion } from '../checkout/root.js'
import { plainPath } from '../vite/plainpath.js'
import { dist, root, writeAtomically } from './files.js'
import { plainMessage } from './message.js'

/** Calls `work` with the modules of harness/gallery, which Vite runs as they are. */
async function withModules(work) {
  const { createServer } = await import('vite')
  const { path, isLink, close } = plainPath(root)
  const server = await createServer({
    root: path,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    resolve: { preserveSymlinks: isLink },
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, ws: false, watch: null },
  })
  try {
    return await work((name) => server.ssrLoadModule(`/harness/gallery/${name}.ts`))
  } finally {
    await server.close()
    close()
  }
}

/** @param {string} folder Becomes the site of the gallery; it works below any path. */
export async function buildGallery(folder = join(dist, 'docs/gallery')) {
  const files = await withModules(async (load) => (await load('site')).gallerySite(root))
  rmSync(folder, { recursive: true, force: true })
  for (const [name, content] of files) writeAtomically(join(folder, name), content)
  return folder
}

const addRuns = (runs) =>
  withModules(async (load) => {
    const { addRun } = await load('entries')
    for (const run of runs) {
      const { env, meanReturn, stdReturn, policy } = addRun(root, run, packageVersion(), console.log)
      console.log(`${env}: ${meanReturn.toFixed(1)} +- ${stdReturn.toFixed(1)}, in examples/gallery/${policy}`)
    }
  })

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await addRuns(process.argv.slice(2))
    console.log(`Built in ${await buildGallery()}: open index.html there.`)
  } catch (error) {
    console.error(plainMessage(error))
    process.exitCode = 1
  }
}
