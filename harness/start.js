/**
 * `npm start`: Vite serves the lab. Options are Vite's own, `npm start -- --port 3000`, and `--env FILE`, which opens an
 * environment of the user's own.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from './checkout/root.js'
import { ENV_VARIABLE, SERVE_VARIABLE } from './vite/ownenv.js'
import { plainPath } from './vite/plainpath.js'

const env = takeOption('--env')
if (env !== undefined) {
  const { buildServed } = await import('./build.js')
  process.env[SERVE_VARIABLE] = await buildServed()
  process.env[ENV_VARIABLE] = env // for vite.config.ts
}
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

/** The value of an option, which is removed from the command line: Vite does not know it. */
function takeOption(name) {
  const at = process.argv.findIndex((word) => word === name || word.startsWith(`${name}=`))
  if (at < 0) return undefined
  const isSplit = process.argv[at] === name
  const value = isSplit ? process.argv[at + 1] : process.argv[at].slice(name.length + 1)
  process.argv.splice(at, isSplit ? 2 : 1)
  if (value && !value.startsWith('-') && takeOption(name) === undefined) return value
  console.error(`error: ${name}: give it once, with the module of your environment: npm start -- ${name} ./my/spec.ts`)
  process.exit(2)
}
