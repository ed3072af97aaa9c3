/** Writing to a disk that may refuse: whole files that are never half there, and warnings instead of a lost run. */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What is asked of the disk; tests put in functions that refuse. */
export const disk = {
  openSync: fs.openSync,
  writeSync: fs.writeSync,
  fsyncSync: fs.fsyncSync,
  renameSync: fs.renameSync,
  mkdirSync: fs.mkdirSync,
}

/** Like `mkdir -p`; returns the folders that it made, outermost first. Node 20's own never returns for one such as /proc/x. */
export function makeFolder(path: string): string[] {
  if (fs.existsSync(path)) return []
  const above = makeFolder(dirname(path))
  try {
    disk.mkdirSync(path)
  } catch (error) {
    // Another process has just made it.
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

/** A name beside `path` that no other process has, whatever machine or container it runs in. */
export const temporaryPath = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`)

/**
 * Writes a file so that its name stands for all of the old content or all of the new one, whenever the machine stops: a
 * temporary file is written, synced and renamed, and the folder synced. Makes the folder where it is gone.
 * @throws what the disk says; the old file is then as it was.
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
  if (process.platform === 'win32') return // there folders cannot be opened
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
  /** Runs `write`. What the disk refuses is warned of, once for each thing and reason; other errors are thrown. */
  attempt(what: string, write: () => void): boolean
  /**
   * Makes what is only to be looked at: a picture, a table, a log. Whatever goes wrong is warned of and costs nothing else.
   * Undefined then.
   */
  decorate<T>(what: string, make: () => T): T | undefined
  /** A line that is also repeated at the end; told once. */
  warn(line: string): void
  /** Says again what was refused. */
  report(): void
}

/** What helps, by the code of the system's error. */
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
        const told = [`the disk refuses ${what}: ${message}.`, ADVICE[code], 'Training goes on.']
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
      say(`WARNING: the disk refused ${list.join('; ')}.`)
    },
  }
}
