/** A file of JSON lines that grows, and that may be larger than the memory. */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../cli/errors'
import { disk, writeAll } from '../disk/disk'

export interface Lines<T> {
  /** Those that were there when the file was opened. @throws UsageError for one that is none. */
  lines: Iterable<T>
  add(line: T): void
  sync(): void
  close(): void
}

const NEWLINE = 10
const CHUNK = 2 ** 20

/** An end without a newline was torn when a process was killed; the next line takes its place. */
export function openLines<T>(folder: string, name: string, isLine: (value: unknown) => boolean): Lines<T> {
  const path = join(folder, name)
  const fd = disk.openSync(path, existsSync(path) ? 'r+' : 'wx+')
  const end = wholeLines(fd)
  let size = end
  let isSynced = true
  const sync = () => {
    if (!isSynced) disk.fsyncSync(fd)
    isSynced = true
  }
  return {
    lines: { [Symbol.iterator]: () => readLines<T>(path, end, isLine) },
    add(line) {
      if (size === end) ftruncateSync(fd, end)
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
      writeAll(fd, bytes, size)
      size += bytes.length
      isSynced = false
    },
    sync,
    close() {
      sync()
      closeSync(fd)
    },
  }
}

/** Bytes up to the last newline. */
function wholeLines(fd: number): number {
  const chunk = Buffer.alloc(CHUNK)
  for (let end = fstatSync(fd).size; end > 0; ) {
    const start = Math.max(0, end - CHUNK)
    const read = readSync(fd, chunk, 0, end - start, start)
    const last = chunk.subarray(0, read).lastIndexOf(NEWLINE)
    if (last >= 0) return start + last + 1
    end = start
  }
  return 0
}

function* readLines<T>(path: string, end: number, isLine: (value: unknown) => boolean): Generator<T> {
  const fd = openSync(path, 'r')
  try {
    let number = 0
    let rest = Buffer.alloc(0)
    for (let at = 0; at < end; ) {
      const chunk = Buffer.alloc(Math.min(CHUNK, end - at))
      at += readSync(fd, chunk, 0, chunk.length, at)
      const text = Buffer.concat([rest, chunk])
      let start = 0
      for (let stop = text.indexOf(NEWLINE); stop >= 0; stop = text.indexOf(NEWLINE, start)) {
        yield readLine<T>(text.toString('utf8', start, stop), `${path}:${++number}`, isLine)
        start = stop + 1
      }
      rest = text.subarray(start)
    }
  } finally {
    closeSync(fd)
  }
}

function readLine<T>(text: string, where: string, isLine: (value: unknown) => boolean): T {
  try {
    const value = JSON.parse(text)
    if (isLine(value)) return value
  } catch {}
  throw new UsageError(
    `${where}: is not a line that a sweep wrote. Restore the file, or remove its folder and begin again.`,
  )
}
