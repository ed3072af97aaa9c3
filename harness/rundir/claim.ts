/**
 * A run's folder belongs to one process at a time: `run.lock` in it names the one. A process that was killed leaves its
 * lock behind; the next one sees that it is gone, and takes its place.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../cli/errors'
import { disk, writeAll } from '../disk/disk'

export const LOCK_FILE = 'run.lock'
/** Held while the lock of a process that is gone is removed, so that only one other removes it. */
const BROKEN_FILE = 'run.lock.broken'

export interface Claim {
  /** Others may have the folder. Idempotent. */
  release(): void
}

export interface Owner {
  pid: number
  /** When the process began, in the system's own unit; null where that is not known. Ids are used again. */
  start: string | null
  /** The machine since it was started, and the space in which its ids count. */
  where: string
  /** Number of the folder on its disk: a lock that was copied with it holds nothing. */
  folder: number
}

/** An owner that cannot be looked up, on another machine, touches its lock so often; it is gone after so many seconds. */
const TOUCH_SECONDS = 15
const GONE_SECONDS = 120
/** How often to look again where another process is just removing an old lock, and how long that may take. */
const TRIES = 40
const PAUSE_MS = 50
const BREAKING_SECONDS = 5

/**
 * @param where How the user named the folder: `--out`.
 * @throws UsageError when another process has it; what the disk says, when no file can be made in it.
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
    // The folder may have been moved away, and another one made in its place; on a full disk the lock says nothing.
    if (['', text].includes(textOf(lock) ?? '-')) rmSync(lock, { force: true })
  }
  if (!listening) process.once('exit', releaseAll)
  listening = true
  held.add(release)
  return { release }
}

/** What this process holds; a second Ctrl-C ends it at once. */
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

/** Makes a file; false when there is one of this name. */
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
    // A full disk: the name alone holds the folder.
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

/** Removes the lock of a process that is gone; false when another process is about it. */
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

/** Null when the lock is gone. One that says nothing, for it is being written or the disk was full, is nobody's we know. */
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

/** Seconds since the file was touched; no time at all once it is gone. */
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

/** Linux: ticks from the machine's start until the process began; '' when there is no such process. Else null: unknown. */
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
