/** `npm run <command>`: updates dist/ from the sources, then starts the command line program. */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { plainMessage } from './build/message.js'
import { buildCli, buildPage } from './build.js'
import { packageRoot } from './checkout/root.js'

try {
  await Promise.all([buildPage(), buildCli()])
} catch (error) {
  console.error(`build: ${plainMessage(error)}`)
  process.exit(1)
}
await import(pathToFileURL(join(packageRoot(), 'dist', 'cli.js')).href)
