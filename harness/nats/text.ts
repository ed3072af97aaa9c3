/** A file that a flag names. */
import { readFileSync } from 'node:fs'
import { UsageError } from '../cli/errors'

/** @throws UsageError that names the flag and the file. */
export function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const what = { ENOENT: 'there is no such file', EACCES: 'this user may not read it', EISDIR: 'it is a folder' }[
      code!
    ]
    throw new UsageError(`${flag}: ${path} cannot be read: ${what ?? code}.`)
  }
}
