/** `npm run tables`: writes the tables in the documents that are generated from the code. */
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
const { writeTables } = await server.ssrLoadModule('/test/docs/tables.ts')
writeTables()
await server.close()
