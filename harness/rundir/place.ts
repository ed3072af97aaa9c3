/** The folder of a run, locked by this process: a new one, that of a replaced run, or that of a continued run. */
import { accessSync, constants, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { disk, makeFolder } from '../disk/disk'
import { claimFolder } from './claim'
import { listRunFiles, removeIfEmpty } from './files'

/** Where to write a new run. */
export interface NewRun {
  /** The folder given by the user; default a new folder `runs/<name>-s<seed>-<time>`. */
  out?: string
  /** Whether to remove the files of an earlier run in that folder. */
  force: boolean
  name: string
  seed: number
}

export const FORCE_FLAG: Flag = { help: 'Replace the run in --out DIR: remove the files that it wrote, and no others.' }

/** @throws UsageError */
export function readNewRun(given: Given, name: string, seed: number): NewRun {
  const [out, force] = [given.text('out'), given.has('force')]
  if (out === '') throw new UsageError('--out: its value is empty. Name a folder.')
  if (force && out === undefined) throw new UsageError('--force: replaces the run in --out DIR. Give --out.')
  return { out, force, name, seed }
}

/** A folder that only this process writes a run into. */
export interface ClaimedFolder {
  path: string
  /** Files of an earlier run, to be removed. */
  replaced: boolean
  /** Frees the folder, and removes the new parts of its path that are empty. */
  release(): void
}

/**
 * Creates the folder of a new run, or finds one without run files, and locks it.
 * @throws UsageError if it has a run that must not be replaced, if another process has it, or if it cannot be written;
 * then nothing was changed.
 */
export function claimNewRun({ out, force, name, seed }: NewRun): ClaimedFolder {
  if (out === undefined) {
    const { path, made } = newFolder(defaultRunPath(name, seed))
    return claimed('--out', path, made, false)
  }
  const path = resolve(out)
  refuseRun(path, force)
  const made = opened('--out', path, () => makeFolder(path))
  const folder = claimed('--out', path, made, force)
  try {
    refuseRun(path, force) // one may have come meanwhile
  } catch (error) {
    folder.release()
    throw error
  }
  return folder
}

function claimed(flag: string, path: string, made: string[], replaced: boolean): ClaimedFolder {
  const { release } = opened(flag, path, () => {
    accessSync(path, constants.W_OK)
    return claimFolder(flag, path)
  })
  return {
    path,
    replaced,
    release() {
      release()
      for (const folder of made.toReversed()) removeIfEmpty(folder)
    },
  }
}

/** @throws UsageError if `path` is a folder with files of a run. */
function refuseRun(path: string, force: boolean): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  const files = opened('--out', path, () => listRunFiles(path))
  if (files.length === 0 || force) return
  const names = files.map((file) => relative(path, file))
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  throw new UsageError(
    `--out: ${path} holds a run (${names.slice(0, NAMED).join(', ')}${more}). Name another folder, or continue the run with ` +
      '--resume; --force removes the files of the run, and nothing else.',
  )
}

/** The most files that the error names. */
const NAMED = 3

/** Creates the folder `wanted`, or if it exists the first free one of `wanted-2`, `wanted-3`, ... */
function newFolder(wanted: string): { path: string; made: string[] } {
  const above = opened('--out', resolve(wanted), () => makeFolder(dirname(resolve(wanted))))
  for (let number = 1; ; number++) {
    const path = resolve(number === 1 ? wanted : `${wanted}-${number}`)
    const isNew = opened('--out', path, () => {
      try {
        disk.mkdirSync(path)
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
        throw error
      }
    })
    if (isNew) return { path, made: [...above, path] }
  }
}

/** `runs/CartPole-v1-s1-20260131-235959`, for any name of an environment: always one folder in `runs`. */
export function defaultRunPath(env: string, seed: number, now = new Date()): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return join('runs', `${safeName(env)}-s${seed}-${stamp}`)
}

/** Letters, digits, dots, hyphens and underscores; no dot or hyphen at the start; never empty, and short. */
export const safeName = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[.-]+/, '')
    .slice(0, 80) || 'run'

/** @throws UsageError if another process has the run, or its folder cannot be written. */
export const claimOldRun = (path: string): ClaimedFolder => claimed('--resume', path, [], false)

/** @throws UsageError with the file system's message. */
export function opened<T>(flag: string, path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `${flag}: cannot write to ${path} (${(error as Error).message}). Name a folder that can be written.`,
    )
  }
}
