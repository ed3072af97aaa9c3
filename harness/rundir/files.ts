/** The files that a run writes into its folder: they block another run, and `--force` removes them. */
import { type Dirent, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../cli/errors'
import { EVENT_FILE } from '../tensorboard/eventfile'
import { isAgentFolder } from '../tensorboard/log'

const NUMBER = '(0|[1-9]\\d*)'
/** Files of `train` and `learn`. Models written by `export` are not among them. */
const RUN_FILE = new RegExp(
  [
    '(config|facts|result|learn)\\.json',
    'metrics\\.(jsonl|csv)',
    `policy(-best)?(-${NUMBER})?\\.safetensors`,
    'checkpoint-\\d{10,16}\\.safetensors',
    `not-finite-${NUMBER}(-agent-${NUMBER})?\\.safetensors`,
    'learning-curve\\.svg',
  ]
    .map((name) => `^${name}$`)
    .join('|'),
)
/** Temporary files of a killed `writeWhole`. */
const TEMPORARY = /^\.(.+)\.\d+(-[0-9a-f]+)?\.tmp$/

/** Whether it is an incomplete file of a run. */
export const isTemporary = (name: string): boolean => RUN_FILE.test(TEMPORARY.exec(name)?.[1] ?? '')

const isOurs = (name: string): boolean => RUN_FILE.test(name) || EVENT_FILE.test(name) || isTemporary(name)

/**
 * Paths of the files of runs in `folder`. Links are not followed: one with the name of a run's file, or of a folder of
 * an agent's events, counts as such a file. Another process may train there meanwhile: no file is looked at again, for it
 * may be gone.
 * @throws UsageError for a folder with the name of a run's file.
 */
export function listRunFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (isAgentFolder(entry.name) && entry.isDirectory()) return eventFiles(path)
    if (isAgentFolder(entry.name) && entry.isSymbolicLink()) return [path]
    return isOurs(entry.name) ? [fileNotFolder(entry)] : []
  })
}

const eventFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    EVENT_FILE.test(entry.name) ? [fileNotFolder(entry)] : [],
  )

function fileNotFolder(entry: Dirent): string {
  const path = join(entry.parentPath, entry.name)
  if (!entry.isDirectory()) return path
  throw new UsageError(`${path}: is a folder, where a run writes a file. Move it away; nothing was changed.`)
}

/** Removes the files of runs in `folder`, and the agents' folders that are then empty. */
export function removeRunFiles(folder: string): void {
  for (const path of listRunFiles(folder)) unlinkSync(path)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (isAgentFolder(entry.name) && entry.isDirectory()) removeIfEmpty(join(folder, entry.name))
  }
}

/** Removes incomplete files of a killed process. */
export function removeTemporary(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (isTemporary(entry.name) && !entry.isDirectory()) rmSync(join(folder, entry.name), { force: true })
  }
}

/** Removes a folder if it is empty. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {}
}
