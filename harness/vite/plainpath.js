/**
 * Vite gives `#` and `?` in a path a special meaning, and `%` too. A folder with such a name gets a link with a plain
 * name for Vite.
 */
import { mkdtempSync, rmdirSync, statSync, symlinkSync, unlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Characters with a meaning in a URL or a pattern. */
const AWKWARD = /[#?%*]/

/** Whether Vite may misread the path. */
export const isAwkward = (path) => AWKWARD.test(path)

/**
 * `folder` itself, or a link to it; with a link, Vite must be told to keep it: `resolve.preserveSymlinks`. `close` removes
 * the link.
 */
export const plainPath = (folder) =>
  isAwkward(folder) ? { ...plainLink(folder, 'root'), isLink: true } : { path: folder, isLink: false, close() {} }

/** A link to `target` in a separate temporary folder, which `close` removes. */
export function plainLink(target, name) {
  const folder = makePlainFolder(target)
  const path = join(folder, name)
  // The kind matters only on Windows, where links to folders of this kind need no rights.
  symlinkSync(target, path, statSync(target).isDirectory() ? 'junction' : 'file')
  const close = () => {
    process.removeListener('exit', close)
    try {
      unlinkSync(path)
      rmdirSync(folder)
    } catch {}
  }
  process.once('exit', close)
  return { path, close }
}

function makePlainFolder(target) {
  for (const place of [tmpdir(), '/tmp', homedir()]) {
    if (isAwkward(place)) continue
    try {
      return mkdtempSync(join(place, `ppo-webgpu-link-${process.pid}-`))
    } catch {}
  }
  throw new Error(
    `${target}: Vite cannot read a path with ${target.match(AWKWARD)[0]} in it, and no link to it can be made in ` +
      `${tmpdir()}. Move it, or set TMPDIR to one that can be written.`,
  )
}
