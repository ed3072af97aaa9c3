/** Writing when the disk may be full or read-only: whole files or none, and warnings instead of a lost run. */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** File system functions; tests replace them by functions that fail. */
export const disk = {
  openSync: fs.openSync,
  writeSync: fs.writeSync,
  fsyncSync: fs.fsyncSync,
  renameSync: fs.renameSync,
  mkdirSync: fs.mkdirSync,
}

/**
 * Like `mkdir -p`; returns the folders that it created, outermost first. Node 20's own never returns for one such as
 * /proc/x.
 */
export function makeFolder(path: string): string[] {
  if (fs.existsSync(path)) return []
  const above = makeFolder(dirname(path))
  try {
    disk.mkdirSync(path)
  } catch (error) {
    // Another process has just created it.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && fs.statSync(path).isDirectory()) return above
    throw error
  }
  return [...above, path]
}

export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += disk.writeSync(fd, bytes, done, bytes.length - done, position + done)
  }
}

/** A name next to `path` that no other process uses, on any machine or in any container. */
export const temporaryPath = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`)

/**
 * Writes a file atomically: its name always refers to the complete old content or the complete new content, also if the
 * machine stops at any time. A temporary file is written, synced and renamed, and the folder is synced. Creates the
 * folder if it is gone.
 * @throws the error of the file system; then the old file is unchanged.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const folder = dirname(path)
  makeFolder(folder)
  const temporary = temporaryPath(path)
  try {
    const fd = disk.openSync(temporary, 'wx')
    try {
      writeAll(fd, typeof content === 'string' ? Buffer.from(content) : content, 0)
      disk.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
    disk.renameSync(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
  syncFolder(folder)
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return // folders cannot be opened there
  const fd = disk.openSync(folder, 'r')
  try {
    disk.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function removeQuietly(path: string): void {
  try {
    fs.rmSync(path, { force: true })
  } catch {}
}

export interface DiskWatch {
  /** Runs `write`. An error of the file system becomes a warning, once per file and reason; other errors are thrown. */
  attempt(what: string, write: () => void): boolean
  /**
   * Makes something that the run does not need: a picture, a table, a log. Any error becomes a warning, and the result
   * is undefined.
   */
  decorate<T>(what: string, make: () => T): T | undefined
  /** A warning that is repeated at the end; printed once. */
  warn(line: string): void
  /** Repeats the warnings. */
  report(): void
}

/** What to do, by the code of the system's error. */
const ADVICE: Record<string, string> = {
  ENOSPC: 'Free some space.',
  EDQUOT: 'Free some space.',
  ENOENT: 'Put its folder back.',
  ENOTDIR: 'Put its folder back.',
  EEXIST: 'Put its folder back.',
  EROFS: 'Make the disk writable.',
  EACCES: 'Make it writable.',
  EPERM: 'Make it writable.',
}

export function watchDisk(say: (line: string) => void): DiskWatch {
  const refused = new Map<string, number>()
  const warnings = new Set<string>()
  const warn = (line: string) => {
    if (warnings.has(line)) return
    warnings.add(line)
    say(`WARNING: ${line}`)
  }
  return {
    warn,
    attempt(what, write) {
      try {
        write()
        return true
      } catch (error) {
        const { code, syscall, message } = error as NodeJS.ErrnoException
        if (code === undefined || syscall === undefined) throw error
        const kind = `${what} (${code})`
        refused.set(kind, (refused.get(kind) ?? 0) + 1)
        const told = [`cannot write ${what}: ${message}.`, ADVICE[code], 'Training continues.']
          .filter(Boolean)
          .join(' ')
        if (refused.get(kind) === 1) say(`WARNING: ${told}`)
        return false
      }
    },
    decorate(what, make) {
      try {
        return make()
      } catch (error) {
        warn(`${what} could not be made (${(error as Error).message}). Nothing else is lost by it.`)
        return undefined
      }
    },
    report() {
      for (const line of warnings) say(`WARNING: ${line}`)
      if (refused.size === 0) return
      const list = [...refused].map(([kind, times]) => `${kind}, ${times} ${times === 1 ? 'time' : 'times'}`)
      say(`WARNING: could not write ${list.join('; ')}.`)
    },
  }
}
