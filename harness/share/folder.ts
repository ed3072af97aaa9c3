/** The folder of a shared policy: its files, and when it may be written. */
import fs from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../cli/errors'
import { makeFolder, writeWhole } from '../disk/disk'

/** Everything that `share` writes; `--force` replaces these alone. */
export const SHARED_FILES = [
  ...['README.md', 'config.json', 'policy.safetensors', 'policy.onnx', 'replay.html'],
  ...['replay.mp4', 'replay.webm', 'learning-curve.svg'],
]

/** `runs/first-shared` for the run `runs/first`, or for the policy `runs/first.safetensors`. */
export function defaultFolder(given: string): string {
  const path = resolve(given)
  return join(dirname(path), `${basename(path).replace(/\.safetensors$/, '')}-shared`)
}

/**
 * To be called before any work for it starts.
 * @param source The folder that the policy is in.
 * @throws UsageError if it must not be written.
 */
export function checkFolder(folder: string, source: string, force: boolean): void {
  const there = fs.lstatSync(folder, { throwIfNoEntry: false })
  if (!there) return
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--out: ${folder} is not a folder. Name a folder.`)
  }
  if (fs.realpathSync(folder) === fs.realpathSync(source)) {
    throw new UsageError(`--out: ${folder} is the folder of the policy itself. Name another one.`)
  }
  const names = fs.readdirSync(folder)
  const folders = names.filter((name) => SHARED_FILES.includes(name) && fs.lstatSync(join(folder, name)).isDirectory())
  if (folders.length > 0) throw new UsageError(`--out: ${join(folder, folders[0])} is a folder. Move it away.`)
  if (names.length === 0 || force) return
  throw new UsageError(
    `--out: ${folder} has files already (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}). Name another ` +
      'folder, or give --force to replace what share wrote there; other files stay.',
  )
}

/** Writes the files, each whole, after removing the ones of before. @throws UsageError */
export function writeFolder(folder: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  try {
    makeFolder(folder)
    for (const name of SHARED_FILES) if (!files.has(name)) fs.rmSync(join(folder, name), { force: true })
    for (const [name, content] of files) writeWhole(join(folder, name), content)
  } catch (error) {
    throw new UsageError(
      `--out: cannot write to ${folder} (${(error as Error).message}). Name a folder that can be written.`,
    )
  }
}
