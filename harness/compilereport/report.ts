/** The report that is kept: harness/results/compile-report.json, and which of its rows are those of today's kernels. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../checkout/root.js'
import { writeWhole } from '../disk/disk'
import type { Pipeline } from './collect'

/** What a compiler made of a pipeline. */
export interface Compiled {
  registers: number
  spills: number
  instructions: number
  codeBytes: number
  /** As many at the same time as registers allow: what of, is in the family's `occupancyUnit`. */
  occupancy: number
  /** In the loops of the matrix products; null where there are none, or the compiler lists no program. */
  perMultiply: number | null
  /** Of wall time, with Dawn's part. */
  seconds: number
}

export interface ReportRow {
  stem: string
  shapes: string[]
  hash: string
  memory: number
  /** By family; null where the compiler crashes. */
  compiled: Record<string, Compiled | null>
}

export interface Report {
  date: string
  commit: string | null
  cpu: string
  /** By family: its GPU, its compiler, the version of Mesa; and dawn.node's version, which makes the SPIR-V. */
  compilers: Record<string, { gpu: string; compiler: string; mesa: string; dawn: string }>
  rows: ReportRow[]
}

export const REPORT_FILE = 'harness/results/compile-report.json'

export function readReport(file = join(packageRoot(), REPORT_FILE)): Report | null {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}

/** One row a line, so that a change is easy to see. */
export function writeReport({ rows, ...head }: Report, file = join(packageRoot(), REPORT_FILE)): void {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
  writeWhole(file, `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "rows": [\n${lines}\n  ]\n}\n`)
}

/** A pipeline of today, and what the report says about it; `compiled` is empty where its source has changed since. */
export interface Reported extends Omit<ReportRow, 'shapes'> {
  shapes: string[]
  stale: boolean
}

/** Every pipeline of today; one that the report does not have, or with another source, is stale. */
export function reported(pipelines: readonly Pipeline[], report: Report | null): Reported[] {
  return pipelines.map(({ stem, shapes, hash, memory }) => {
    const row = report?.rows.find((known) => known.stem === stem && known.hash === hash)
    return { stem, shapes, hash, memory, compiled: row?.compiled ?? {}, stale: row === undefined }
  })
}

/**
 * Rows of today's pipelines: the numbers `found` of `pipelines`, by family, and what `old` has of others with the same
 * source. A pipeline without any has no row.
 */
export function mergedRows(
  all: readonly Pipeline[],
  pipelines: readonly Pipeline[],
  found: Record<string, (Compiled | null)[]>,
  old: Report | null,
): ReportRow[] {
  return all.flatMap((pipeline) => {
    const { stem, shapes, hash, memory } = pipeline
    const known = old?.rows.find((row) => row.stem === stem && row.hash === hash)?.compiled
    const i = pipelines.indexOf(pipeline)
    if (i < 0 && !known) return []
    const now = i < 0 ? {} : Object.fromEntries(Object.entries(found).map(([name, compiled]) => [name, compiled[i]]))
    return { stem, shapes, hash, memory, compiled: { ...known, ...now } }
  })
}
