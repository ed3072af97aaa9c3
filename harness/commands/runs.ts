/** `runs`: lists the runs in folders, and draws their curves in one picture. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { checkOutput, replaceFlag, writeOutput } from '../cli/outfile'
import { count, makeOutput, table } from '../cli/output'
import { overlay } from '../figures/overlay'
import { curveOf, differing, type ListedRun, readRun, runFoldersIn, type SkippedRun } from '../rundir/listruns'
import { RUNS_FIELDS, type RunsResult } from './fields/runs'

const ORDERS: Record<string, (a: ListedRun, b: ListedRun) => number> = {
  date: (a, b) => b.date.localeCompare(a.date),
  score: (a, b) => (b.score ?? Number.NEGATIVE_INFINITY) - (a.score ?? Number.NEGATIVE_INFINITY) || ORDERS.date(a, b),
  steps: (a, b) => b.steps - a.steps || ORDERS.date(a, b),
  env: (a, b) => a.env.localeCompare(b.env) || ORDERS.score(a, b),
}

export const runs: Command = {
  name: 'runs',
  summary: 'List runs with their scores and what differs among them; draw their curves in one picture.',
  positionals: { usage: '[RUN_OR_FOLDER]...', min: 0, max: 1000 },
  flags: {
    env: { value: 'ID', help: 'Only runs of this environment.' },
    sort: { value: 'BY', help: 'date (newest first), score, steps or env; default date.' },
    plot: { value: 'FILE', help: 'Also draw the curves of these runs in one picture, as SVG.' },
    force: replaceFlag('--plot'),
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'RUN_OR_FOLDER is the folder of a run, or a folder of runs; default runs. Folders that are no runs, or damaged, are\n' +
    'named and left out. No folder is changed.',
  results: { runs: RUNS_FIELDS },
  run: runRuns,
}

async function runRuns(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const sort = given.text('sort') ?? 'date'
  if (!Object.hasOwn(ORDERS, sort)) {
    throw new UsageError(`--sort: ${JSON.stringify(sort)} is unknown. Use ${Object.keys(ORDERS).join(', ')}.`)
  }
  const plot = given.text('plot')
  if (plot !== undefined) checkOutput('plot', plot, given.has('force'))
  const all = foldersOf(given.positionals).map(readRun)
  const skipped = all.filter((run): run is SkippedRun => 'why' in run)
  const env = given.text('env')
  const found = all.filter((run): run is ListedRun => !('why' in run)).filter((run) => !env || run.env === env)
  found.sort(ORDERS[sort])
  for (const { folder, why } of skipped) output.warn(`WARNING: left out ${folder}: ${why}`)
  const result: RunsResult = {
    runs: found,
    skipped,
    differing: differing(found),
    plot: plot === undefined ? null : draw(plot, found, given.has('force')),
  }
  const drawn = result.plot === null ? [] : [`The curves are in ${result.plot}`]
  output.result(inOrder(RUNS_FIELDS, result), [textOf(result, env), ...drawn].join('\n'))
  return EXIT.done
}

function foldersOf(given: string[]): string[] {
  if (given.length === 0 && !existsSync('runs')) {
    throw new UsageError('runs: there is no folder runs here. Name a folder of runs: npm run runs -- FOLDER')
  }
  const paths = given.length > 0 ? given : ['runs']
  const folders = paths.flatMap((path) => {
    try {
      return runFoldersIn(path)
    } catch (error) {
      throw new UsageError(
        `${path}: cannot be read (${(error as Error).message}). Name the folder of a run, or of runs.`,
      )
    }
  })
  return [...new Map(folders.map((folder) => [resolve(folder), folder])).values()]
}

function draw(file: string, found: ListedRun[], force: boolean): string {
  const drawn = found.map(({ folder, env }) => ({ label: basename(resolve(folder)), env, rows: curveOf(folder) }))
  const some = drawn.filter(({ rows }) => rows.some((agent) => agent.some((row) => row.episodicReturn !== null)))
  if (some.length === 0) {
    throw new UsageError('--plot: no run here has a curve: it begins when 100 episodes have ended. Name other runs.')
  }
  return resolve(writeOutput(file, overlay(some), force))
}

/** The most options that get a column each; --json has them all. */
const COLUMNS = 6

function textOf({ runs: found, differing: names }: RunsResult, env: string | undefined): string {
  if (found.length === 0) return env ? `No runs of ${env}.` : 'No runs.'
  const shown = names.slice(0, COLUMNS)
  const cell = (value: unknown) =>
    value === undefined || value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value)
  const rows = found.map(({ folder, env, score, steps, date, agents, seed, state, options }) => [
    folder,
    env,
    count(score, 1),
    count(steps),
    date.slice(0, 16).replace('T', ' '),
    agents > 1 ? `${seed ?? '-'} x${agents}` : cell(seed),
    state,
    ...shown.map((name) => cell(options[name]).slice(0, 24)),
  ])
  const more =
    names.length > COLUMNS ? [`They also differ in ${names.slice(COLUMNS).join(', ')}: --json has all options.`] : []
  const header = ['run', 'environment', 'score', 'steps', 'began (UTC)', 'seed', 'state', ...shown]
  return [table([header, ...rows]), ...more].join('\n')
}
