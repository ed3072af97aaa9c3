import { join } from 'node:path'
import { plainPath } from '../vite/plainpath.js'
import { root } from './files.js'

/** The lab as a static site in dist/lab: relative paths, no server. */
export async function buildLab() {
  const { build } = await import('vite')
  const { path, isLink, close } = plainPath(root)
  if (isLink) process.env.PPO_WEBGPU_LINK = path // for vite.config.ts
  await build({ root: path, configFile: join(path, 'vite.config.ts'), logLevel: 'warn' }).finally(close)
}
