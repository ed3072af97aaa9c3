/** Files of dist/: written by rename, so that another process never reads half of one, and made anew only when sources change. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageRoot } from '../checkout/root.js'

export const root = packageRoot()
export const dist = join(root, 'dist')
/** Below a folder of sources: nothing that somebody wrote. */
const GENERATED = ['node_modules', 'dist']
const SOURCES = ['src', 'shaders', 'envs', 'harness', 'vite.config.ts', 'package.json']

/** Path, time and size of every source file, as one hash: notices edits and deletions alike. */
export function sourceStamp() {
  const hash = createHash('sha256')
  const visit = (path) => {
    const stat = statSync(path)
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort()) if (!GENERATED.includes(name)) visit(join(path, name))
    } else {
      hash.update(`${path} ${stat.mtimeMs} ${stat.size}\n`)
    }
  }
  for (const name of SOURCES) if (existsSync(join(root, name))) visit(join(root, name))
  return hash.digest('hex')
}

export const stampFile = (part) => join(dist, `.stamp-${part}`)
export const isFresh = (part, stamp) => existsSync(stampFile(part)) && readFileSync(stampFile(part), 'utf8') === stamp

export function writeAtomically(file, content) {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  writeFileSync(temporary, content, { flag: 'wx' })
  renameSync(temporary, file)
}
