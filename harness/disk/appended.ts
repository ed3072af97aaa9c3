/** A file that grows during training. What cannot be written stays in memory, and is written later. */
import { closeSync, fstatSync, ftruncateSync, rmSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type DiskWatch, disk, makeFolder, writeAll } from './disk'

export interface Appended {
  /** Adds `bytes` for the next `flush`. */
  add(bytes: string | Uint8Array): void
  flush(): void
  /** Flushes, and waits until the data is on the disk. */
  sync(): void
  close(): void
}

/** The most bytes that may wait in memory, and how often writing is retried. */
const MOST_WAITING = 2 ** 26
const RETRY_MS = 1000

/**
 * Opens `path`: a new file, or one that continues after its first `end` bytes; the rest is removed.
 * @param head The first bytes, if the file is gone and is created again.
 * @throws the error of the file system.
 */
export function openAppended(
  path: string,
  watch: DiskWatch,
  end: number | null = null,
  head: () => string | Uint8Array = () => '',
): Appended {
  const name = basename(path)
  // If the name of a new file exists, as a link for example, its target is not written.
  if (end === null) rmSync(path, { force: true })
  let fd = disk.openSync(path, end === null ? 'wx' : 'r+')
  let size = end ?? 0
  if (end !== null) ftruncateSync(fd, end)
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let refusedAt = Number.NEGATIVE_INFINITY

  /** The file may have been moved, removed or replaced; writing to the old one would go unnoticed. */
  const reopenIfGone = () => {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.ino === fstatSync(fd).ino) return
    makeFolder(dirname(path))
    const next = disk.openSync(path, there ? 'r+' : 'wx')
    closeSync(fd)
    fd = next
    size = there?.size ?? 0
    if (!there) waiting.unshift(Buffer.from(head()))
    watch.warn(`${path} was moved, removed or replaced; it lacks what had been written before.`)
  }

  const flush = () => {
    if (waiting.length === 0) return
    const written = watch.attempt(name, () => {
      reopenIfGone()
      const bytes = Buffer.concat(waiting)
      writeAll(fd, bytes, size)
      size += bytes.length
      waiting = []
      waitingBytes = 0
    })
    refusedAt = written ? Number.NEGATIVE_INFINITY : performance.now()
  }

  return {
    add(bytes) {
      const more = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      if (waitingBytes + more.length > MOST_WAITING) {
        watch.warn(`${name}: more waits for the disk than memory should hold; what comes now is not in the file.`)
        return
      }
      waiting.push(more)
      waitingBytes += more.length
    },
    flush() {
      if (performance.now() - refusedAt >= RETRY_MS) flush()
    },
    sync() {
      flush()
      if (waiting.length === 0) watch.attempt(name, () => disk.fsyncSync(fd))
    },
    close() {
      flush()
      if (waiting.length > 0) watch.warn(`${name}: its last ${waitingBytes} bytes could not be written.`)
      watch.attempt(name, () => ftruncateSync(fd, size)) // a failed write may have written a part
      closeSync(fd)
    },
  }
}
