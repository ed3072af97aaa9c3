/**
 * Result files named by the user: written completely or not at all, and another file is never replaced without --force.
 */
import fs from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { temporaryPath, writeWhole } from '../disk/disk'
import type { Flag } from './args'
import { UsageError } from './errors'

/** @param flags The flags that name the files: `--out`. */
export const replaceFlag = (flags: string): Flag => ({ help: `Replace the file of ${flags} where there is one.` })

/**
 * To be called before any work for the file starts.
 * @throws UsageError if `file` exists and must not be replaced, if it is a folder, or if its folder cannot be written.
 */
export function checkOutput(flag: string, file: string, force: boolean): void {
  if (file === '') throw new UsageError(`--${flag}: its value is empty. Name a file.`)
  const cannot = (why: string) =>
    new UsageError(`--${flag}: cannot write to ${file} (${why}). Name a file that can be written.`)
  try {
    fs.accessSync(dirname(resolve(file)), fs.constants.W_OK)
  } catch (error) {
    if (!isStream(file)) throw cannot((error as Error).message)
  }
  const there = fs.lstatSync(file, { throwIfNoEntry: false })
  if (!there || isStream(file)) return
  if (there.isDirectory()) throw cannot('it is a folder')
  if (!force) {
    throw new UsageError(`--${flag}: ${file} is there already. Name another file, or give --force to replace it.`)
  }
}

/** /dev/null, /dev/stdout, a pipe: nothing is replaced there. */
function isStream(file: string): boolean {
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  return stat !== undefined && !stat.isFile() && !stat.isDirectory()
}

/**
 * Writes `file`, and returns its path: if another file has appeared meanwhile and must not be replaced, the next free
 * name, `name-2.json` and so on. If it is a link, the link itself is replaced.
 * @throws the error of the file system; then no incomplete file remains.
 */
export function writeOutput(file: string, content: string | Uint8Array, force: boolean): string {
  if (isStream(file)) {
    fs.writeFileSync(file, content)
    return file
  }
  if (force) {
    writeWhole(file, content)
    return file
  }
  const temporary = temporaryPath(file)
  writeWhole(temporary, content)
  return placeOutput(temporary, file, false)
}

/** Gives a finished file its name, with the rules of `writeOutput`. */
export function placeOutput(temporary: string, file: string, force: boolean): string {
  try {
    if (!force) return linkToFree(temporary, file)
    fs.renameSync(temporary, file)
    return file
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

function linkToFree(temporary: string, file: string): string {
  for (let number = 1; ; number++) {
    const path = number === 1 ? file : numbered(file, number)
    try {
      linkOrCopy(temporary, path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** On a file system without hard links, a copy; it never replaces another file either. */
function linkOrCopy(from: string, to: string): void {
  try {
    fs.linkSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL)
  }
}

function numbered(file: string, number: number): string {
  const extension = extname(file)
  return join(dirname(file), `${basename(file, extension)}-${number}${extension}`)
}
