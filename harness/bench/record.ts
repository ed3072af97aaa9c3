/** Writes the results of a whole bench into the checkout: the rows, the chart, and the table in docs/performance.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchRow, Skipped, Source, Where } from '../cases/rows'
import { packageRoot } from '../checkout/root.js'
import { count, linesOfJson } from '../cli/output'
import { writeWhole } from '../disk/disk'
import { envsChart, scalingRows } from './chart'
import { convolutionLines } from './convolutions'
import type { Measurements } from './measure'
import { markdown, markdownTable } from './tables'

/** Software and hardware numbers have separate blocks on the page, and are never mixed. */
export type AdapterKind = 'software' | 'hardware'

/** Rows of convolutions are all ours. */
type Origin = Where & Source & { who?: string }

/**
 * A row of the GPU, which names the adapter of the bench.
 * @throws if there is none, or if rows of several commits or adapters would get the same name.
 */
function gpuRow<R extends Origin>(rows: R[]): R {
  const gpu = rows.filter(({ who = 'ppo-webgpu', browser }) => who === 'ppo-webgpu' && browser !== null)
  if (gpu.length === 0) throw new Error('record: no row was measured on an adapter.')
  for (const key of ['commit', 'adapter', 'cpu'] as const) {
    const values = [...new Set(gpu.map((row) => row[key]))]
    if (values.length > 1)
      throw new Error(`record: the rows differ in ${key}: ${values.join(', ')}. Measure them again.`)
  }
  return gpu[0]
}

export const kindOf = (rows: BenchRow[]): AdapterKind =>
  gpuRow(rows).adapter.endsWith('(software)') ? 'software' : 'hardware'

/** `2026-11-21-google-swiftshader-2-cores`: the number of cores matters if the adapter computes on the CPU. */
export function recordName(rows: Origin[]): string {
  const { adapter, date, cores } = gpuRow(rows)
  const words = adapter.replace('(software)', `${cores} cores`).toLowerCase()
  return `${date.slice(0, 10)}-${words.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}`
}

export const chartPath = (kind: AdapterKind): string => `harness/results/scaling-envs-${kind}.svg`

const begin = (kind: AdapterKind): string => `<!-- bench ${kind}: written by npm run bench -- --record -->`
const END = '<!-- end of bench -->'

/** The page with both blocks, and the relative path from it to the root. */
export const PAGE = 'docs/performance.md'
const ROOT = '../'

const CONVOLUTIONS = 'Each pass of convolutions, in turn with the dense kernel of the same M, N and K:'

/** Files of before 2026-11-27 have no convolutions. */
type Kept = Omit<Measurements, 'convolutions'> & Partial<Pick<Measurements, 'convolutions'>>

/** The page's block: the origin of the numbers, the table, what was skipped, the chart. */
export function pageBlock({ rows, skipped, convolutions, seconds, load }: Kept): string {
  const { adapter, browser, cpu, cores, commit, date } = gpuRow(rows)
  const file = `harness/results/${recordName(rows)}.json`
  const kind = kindOf(rows)
  const repeats = [...new Set(rows.map((row) => row.repeats))].sort((a, b) => a - b).join(', ')
  return [
    `${adapter} in ${browser}, ${cpu}, ${cores} cores, Node ${rows[0].node}, commit ${commit?.slice(0, 7)}, ` +
      `${date.slice(0, 10)}; ${repeats} repeats; the whole bench took ${count(seconds)} s${loadText(load)} ([all rows](${ROOT}${file})).`,
    '',
    markdownTable(rows),
    '',
    ...(convolutions?.length ? [CONVOLUTIONS, '', markdown(convolutionLines(convolutions)), ''] : []),
    ...(skipped.length ? ['Not measured:', '', ...leftOut(skipped), ''] : []),
    ...(hasChart(rows)
      ? [`![Environment steps per second against the number of environments](${ROOT}${chartPath(kind)})`]
      : []),
  ]
    .join('\n')
    .trimEnd()
}

/** Rows of --from need not be of every case. */
const hasChart = (rows: BenchRow[]): boolean => scalingRows(rows).length > 0

/** Load averages, in words. */
const loadText = (load: Measurements['load']): string =>
  !load ? '' : `, load average ${load.before} before it and ${load.after} after`

/** A line for each case and plan: the skipped sizes, and why the first of them was skipped. */
function leftOut(skipped: Skipped[]): string[] {
  const groups = new Map<string, Skipped[]>()
  for (const row of skipped) {
    const key = `${row.case}, ${row.plan}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups].map(([key, rows]) => {
    const sizes = rows.map(({ numEnvs, hidden }) => `${count(numEnvs)} envs of ${hidden.join(' x ')}`)
    return `- ${key}: ${sizes.join(', ')}. ${rows.length > 1 ? 'The first: ' : ''}${rows[0].reason}`
  })
}

/** The text in `page` between the two markers. @throws if they are missing. */
export function blockIn(page: string, kind: AdapterKind): { from: number; to: number } {
  const start = page.indexOf(begin(kind))
  const to = page.indexOf(END, start)
  if (start < 0 || to < 0) throw new Error(`record: ${PAGE} has no "${begin(kind)}" with "${END}" after it.`)
  return { from: start + begin(kind).length, to }
}

/** Writes them, replacing those of the same day and adapter; returns their paths inside the checkout. */
export function record(measured: Measurements): string[] {
  const root = packageRoot()
  const kind = kindOf(measured.rows)
  const file = `harness/results/${recordName(measured.rows)}.json`
  const page = readFileSync(join(root, PAGE), 'utf8')
  const { from, to } = blockIn(page, kind)
  writeWhole(join(root, file), linesOfJson(measured))
  const chart = hasChart(measured.rows) ? [chartPath(kind)] : []
  for (const path of chart) writeWhole(join(root, path), envsChart(measured.rows))
  const block = `\n\n${pageBlock(measured)}\n\n`
  writeWhole(join(root, PAGE), page.slice(0, from) + block + page.slice(to))
  return [file, ...chart, PAGE]
}
