/**
 * A Vite plugin for the built lab: adds the page of a tab as a worker, worker.html. It is built apart: pages that share
 * files would each load more of them.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bareWgsl } from './barewgsl.js'

const PAGE = 'worker.html'

export const tabPage = () => {
  let config
  return {
    name: 'tab-page',
    // The examples are built with the lab's configuration, and have no such page.
    apply: ({ root = process.cwd() }, { command }) => command === 'build' && existsSync(join(root, PAGE)),
    configResolved(resolved) {
      config = resolved
    },
    async generateBundle() {
      const { build } = await import('vite')
      const { target, modulePreload } = config.build
      const result = await build({
        root: config.root,
        base: './',
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        resolve: { preserveSymlinks: config.resolve.preserveSymlinks },
        plugins: [bareWgsl()],
        worker: { format: 'es', plugins: () => [bareWgsl()] },
        build: {
          ...{ write: false, target, modulePreload },
          rollupOptions: { input: { tab: join(config.root, PAGE) } },
        },
      })
      for (const file of [result].flat()[0].output) {
        const source = file.type === 'chunk' ? file.code : file.source
        this.emitFile({ type: 'asset', fileName: file.fileName, source })
      }
    },
  }
}
