/** `npm start`: Vite serves the lab. Options are Vite's own: `npm start -- --port 3000`. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from './checkout/root.js'
import { plainPath } from './vite/plainpath.js'

const { path, isLink } = plainPath(packageRoot())
if (isLink) {
  process.env.PPO_WEBGPU_LINK = path // for vite.config.ts
  process.argv.splice(2, 0, path)
  process.chdir(path)
  // Only an ordinary exit removes the link.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ])
    process.once(signal, () => process.exit(code))
}
const vite = dirname(createRequire(import.meta.url).resolve('vite/package.json'))
await import(pathToFileURL(join(vite, 'bin', 'vite.js')).href)
