/** `bench --from`: rows that were measured before. */
import { readFileSync } from 'node:fs'
import { UsageError } from '../cli/errors'
import type { Measurements } from './measure'

/** The rows of several files as if measured together. */
export function readAll(files: string[]): Measurements {
  const parts = files.map(readRows)
  return {
    rows: parts.flatMap(({ rows }) => rows),
    skipped: parts.flatMap(({ skipped }) => skipped),
    convolutions: parts.flatMap(({ convolutions }) => convolutions),
    python: parts.flatMap(({ python }) => python),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    load: parts.length === 1 ? parts[0].load : null,
  }
}

function readRows(file: string): Measurements {
  try {
    const {
      rows,
      skipped = [],
      convolutions = [],
      python = [],
      seconds = 0,
      load = null,
    } = JSON.parse(readFileSync(file, 'utf8'))
    if (Array.isArray(rows) && rows.length + convolutions.length > 0) {
      return { rows, skipped, convolutions, python, seconds, load }
    }
  } catch (error) {
    throw new UsageError(`--from: cannot read ${file} (${(error as Error).message}).`)
  }
  throw new UsageError(`--from: ${file} has no rows. Give a file that bench --json FILE wrote.`)
}
