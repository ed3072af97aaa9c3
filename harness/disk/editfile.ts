/** Replaces some lines in a file of any size, completely or not at all. */
import { closeSync, openSync, readSync, rmSync } from 'node:fs'
import { disk, temporaryPath, writeAll } from './disk'

const CHUNK = 2 ** 20

/** Text that replaces the bytes from `from` up to `to`. */
export interface Edit {
  from: number
  to: number
  text: string
}

/** Keeps the first `end` bytes of a file, with replaced text in some places, in order; returns the new length. */
export function editFile(path: string, end: number, edits: Edit[]): number {
  const temporary = temporaryPath(path)
  const [from, to] = [openSync(path, 'r'), disk.openSync(temporary, 'wx')]
  try {
    let read = 0
    let written = 0
    const write = (bytes: Uint8Array) => {
      writeAll(to, bytes, written)
      written += bytes.length
    }
    for (const edit of [...edits, { from: end, to: end, text: '' }]) {
      while (read < edit.from) {
        const chunk = Buffer.alloc(Math.min(CHUNK, edit.from - read))
        const size = readSync(from, chunk, 0, chunk.length, read)
        if (size === 0) throw new Error(`${path} became shorter while it was read`)
        write(chunk.subarray(0, size))
        read += size
      }
      write(Buffer.from(edit.text))
      read = edit.to
    }
    disk.fsyncSync(to)
    disk.renameSync(temporary, path)
    return written
  } finally {
    closeSync(from)
    closeSync(to)
    rmSync(temporary, { force: true })
  }
}
