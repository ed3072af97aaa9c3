/** The files of a sweep on this machine's disk. */
import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { FILE_NAME } from '../../src/sweep/shapes'
import type { FileRef, FileStore } from '../../src/sweep/types'
import { HarnessError } from '../cli/errors'
import { writeWhole } from '../disk/disk'

export interface FolderStore extends FileStore {
  remove(names: string[]): void
}

export function folderStore(folder: string): FolderStore {
  const pathOf = (name: string): string => {
    if (!FILE_NAME.test(name) || /^\.+$/.test(name))
      throw new HarnessError(`${JSON.stringify(name)}: is not a name of a file.`)
    return join(folder, name)
  }
  return {
    async put(name, bytes) {
      writeWhole(pathOf(name), bytes)
      return refOf(name, bytes)
    },
    async get(ref) {
      const path = pathOf(ref.name)
      let bytes: Uint8Array
      try {
        bytes = new Uint8Array(readFileSync(path))
      } catch (error) {
        throw new HarnessError(
          `${path}: cannot be read (${(error as Error).message}). Restore it, or begin the sweep again in another folder.`,
        )
      }
      const { bytes: size, sha256 } = refOf(ref.name, bytes)
      if (size === ref.bytes && sha256 === ref.sha256) return bytes
      throw new HarnessError(
        `${path}: has ${size} bytes, SHA-256 ${sha256}; ${ref.bytes} bytes, ${ref.sha256} were written. Restore it, or begin the sweep again in another folder.`,
      )
    },
    remove(names) {
      for (const name of names) rmSync(pathOf(name), { force: true })
    },
  }
}

export const refOf = (name: string, bytes: Uint8Array): FileRef => ({
  name,
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})
