/** `npm run screenshots`: takes the pictures of the lab and the gallery in docs/ again; `-- gallery`: the latter alone. */
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

const server = await createServer({
  root: fileURLToPath(new URL('../../', import.meta.url)),
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, ws: false, watch: null },
})
const { takeScreenshots } = await server.ssrLoadModule('/test/lab/screenshots.ts')
await takeScreenshots(process.argv[2])
await server.close()
