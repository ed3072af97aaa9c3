/**
 * A run's folder belongs to one process at a time, named in the file `run.lock` in it. A killed process leaves its lock
 * behind; the next process sees that the owner is gone, and replaces the lock.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../cli/errors'
import { disk, writeAll } from '../disk/disk'

export const LOCK_FILE = 'run.lock'
/** Exists while the lock of an ended process is removed, so that only one process removes it. */
const BROKEN_FILE = 'run.lock.broken'

export interface Claim {
  /** Frees the folder. Idempotent. */
  release(): void
}

export interface Owner {
  pid: number
  /** When the process started, in the system's own unit; null if unknown. Process ids are reused. */
  start: string | null
  /** The machine since its start, and the namespace of its process ids. */
  where: string
  /** The folder's number on its disk: a copied lock is invalid. */
  folder: number
}

/**
 * An owner that cannot be looked up, on another machine, touches its lock this often; after this many seconds it counts
 * as gone.
 */
const TOUCH_SECONDS = 15
const GONE_SECONDS = 120
/** How often to look again while another process is removing an old lock, and how long that may take. */
const TRIES = 40
const PAUSE_MS = 50
const BREAKING_SECONDS = 5

/**
 * @param where How the user named the folder: `--out`.
 * @throws UsageError if another process has it; the file system's error if no file can be created in it.
 */
export function claimFolder(where: string, folder: string): Claim {
  const lock = join(folder, LOCK_FILE)
  const text = JSON.stringify({ ...self(folder), token: randomBytes(8).toString('hex') })
  for (let tries = 0; !create(lock, text); tries++) {
    const owner = ownerOf(lock)
    if (owner && isHeld(owner, lock)) throw new UsageError(refusal(where, folder, owner))
    if (tries === TRIES)
      throw new UsageError(`${where}: ${lock} cannot be taken over. Remove it if nothing trains there.`)
    if (!breakLock(folder, lock)) pause(PAUSE_MS)
  }
  const touching = setInterval(() => touch(lock), TOUCH_SECONDS * 1000)
  touching.unref()
  const release = () => {
    clearInterval(touching)
    held.delete(release)
    // The folder may have been moved and another one created in its place; on a full disk the lock is empty.
    if (['', text].includes(textOf(lock) ?? '-')) rmSync(lock, { force: true })
  }
  if (!listening) process.once('exit', releaseAll)
  listening = true
  held.add(release)
  return { release }
}

/** Locks of this process; a second Ctrl-C ends it at once. */
const held = new Set<() => void>()
let listening = false
const releaseAll = () => {
  for (const release of held) release()
}

function refusal(where: string, folder: string, { pid, where: machine }: Owner): string {
  const place = machine === here() ? '' : ` on ${machine.split(' ')[0]}`
  return (
    `${where}: ${pid === 0 ? 'another process' : `process ${pid}${place}`} is training in ${folder}. Wait until it has ended, ` +
    `or take another folder. (If there is no such process, remove ${join(folder, LOCK_FILE)}.)`
  )
}

/** Creates a file; false if there is one with this name. */
function create(path: string, text: string): boolean {
  let fd: number
  try {
    fd = disk.openSync(path, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    writeAll(fd, Buffer.from(text), 0)
  } catch {
    // A full disk: the name alone is the lock.
  }
  closeSync(fd)
  return true
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** Removes the lock of a process that is gone; false if another process is doing that. */
function breakLock(folder: string, lock: string): boolean {
  const broken = join(folder, BROKEN_FILE)
  if (!create(broken, JSON.stringify(self(folder)))) {
    const owner = ownerOf(broken)
    if (ageOf(broken) > BREAKING_SECONDS && !(owner && isHeld(owner, broken))) rmSync(broken, { force: true })
    return false
  }
  try {
    const owner = ownerOf(lock)
    if (owner && !isHeld(owner, lock)) rmSync(lock, { force: true })
    return true
  } finally {
    rmSync(broken, { force: true })
  }
}

/**
 * Null if the lock is gone. The owner of an empty lock, which is being written or was written to a full disk, is
 * unknown.
 */
function ownerOf(path: string): Owner | null {
  const text = textOf(path)
  if (text === null) return null
  try {
    const { pid, start, where, folder } = JSON.parse(text)
    if (Number.isInteger(pid) && pid > 0 && typeof where === 'string') return { pid, start, where, folder }
  } catch {}
  return { pid: 0, start: null, where: '', folder: numberOf(dirname(path)) }
}

function isHeld({ pid, start, where, folder }: Owner, lock: string): boolean {
  const fresh = ageOf(lock) < GONE_SECONDS
  if (where !== here()) return fresh
  if (folder !== numberOf(dirname(lock))) return false
  const now = startOf(pid)
  return start === null || now === null ? isAlive(pid) && fresh : now === start
}

/** Seconds since the file was touched; 0 if it is gone. */
function ageOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? (Date.now() - stat.mtimeMs) / 1000 : 0
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date())
  } catch {}
}

const self = (folder: string): Owner => ({
  ...{ pid: process.pid, start: startOf(process.pid), where: here() },
  folder: numberOf(folder),
})

const numberOf = (folder: string): number => statSync(folder, { throwIfNoEntry: false })?.ino ?? 0

/** Linux: ticks from the machine's start to the process's; '' if there is no such process. Elsewhere null: unknown. */
function startOf(pid: number): string | null {
  if (process.platform !== 'linux') return null
  try {
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return state === 'Z' || state === 'X' ? '' : fields[18]
  } catch {
    return isAlive(pid) ? null : '' // those of other users may be hidden
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function here(): string {
  const read = (get: () => string) => {
    try {
      return get().trim()
    } catch {
      return '-'
    }
  }
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  return `${hostname()} ${boot} ${read(() => readlinkSync('/proc/self/ns/pid'))}`
}

const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
