/** The origin of a number: version, commit, date, machine. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { packageRoot, packageVersion } from './root.js'

/** The file that names the commit in an archive of `pack`. */
export const PACKED_COMMIT = 'COMMIT'

let known: string | null | undefined

/**
 * The commit of this checkout, with `+` if files have changed since; null outside a checkout. In an archive of `pack`,
 * the commit it was made from. Read once: later changes of the checkout do not affect the running code.
 */
export function commit(): string | null {
  if (known === undefined) known = readCommit()
  return known
}

function readCommit(): string | null {
  const root = packageRoot()
  const packed = join(root, PACKED_COMMIT)
  if (existsSync(packed)) return readFileSync(packed, 'utf8').trim() || null
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    // An installed package may be inside another project's repository.
    if (realpathSync(git('rev-parse', '--show-toplevel')) !== realpathSync(root)) return null
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? '+' : '')
  } catch {
    return null
  }
}

export interface Provenance {
  version: string
  commit: string | null
  /** ISO 8601, UTC. */
  date: string
  node: string
  platform: string
  cpu: string
  cores: number
}

export function provenance(): Provenance {
  const processors = cpus()
  return {
    version: packageVersion(),
    commit: commit(),
    date: new Date().toISOString(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
  }
}
