/**
 * A Vite plugin for the built lab: adds the page of the sandboxed frame that runs dropped files, own.html. Its script is one
 * ordinary file: a frame without an origin gets modules only from servers that allow any origin.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bareWgsl } from './barewgsl.js'

const FOLDER = 'src/lab/own'

/** In place of what a sandboxed frame cannot do. */
const INSTEAD = { '/src/lab/download.ts': 'nofiles.ts', '/src/film/writer.ts': 'nofiles.ts' }

const withoutFiles = (folder) => ({
  name: 'without-files',
  enforce: 'pre',
  load(id) {
    if (id.endsWith('/src/worker/start.ts'))
      return "export const startWorker = () => { throw new Error('The lab starts no Workers for dropped files.') }"
    const instead = Object.entries(INSTEAD).find(([file]) => id.endsWith(file))
    return instead ? `export * from ${JSON.stringify(join(folder, instead[1]))}` : null
  },
})

export const ownFrame = () => {
  let config
  return {
    name: 'own-frame',
    // The examples are built with the lab's configuration, and have no such frame.
    apply: ({ root = process.cwd() }, { command }) => command === 'build' && existsSync(join(root, FOLDER)),
    configResolved(resolved) {
      config = resolved
    },
    async generateBundle() {
      const { build } = await import('vite')
      const folder = join(config.root, FOLDER)
      const result = await build({
        root: config.root,
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        resolve: { preserveSymlinks: config.resolve.preserveSymlinks },
        define: { 'process.env.NODE_ENV': '"production"', 'import.meta.url': '""' },
        plugins: [withoutFiles(folder), bareWgsl()],
        build: {
          write: false,
          target: 'es2022',
          modulePreload: false,
          lib: {
            entry: join(folder, 'frame.tsx'),
            formats: ['iife'],
            name: 'own',
            fileName: () => 'own.js',
            cssFileName: 'own',
          },
          rollupOptions: { output: { codeSplitting: false } },
        },
      })
      for (const file of [result].flat()[0].output)
        this.emitFile({
          type: 'asset',
          fileName: file.fileName,
          source: file.type === 'chunk' ? file.code : file.source,
        })
      this.emitFile({ type: 'asset', fileName: 'own.html', source: readFileSync(join(folder, 'own.html')) })
    },
  }
}
