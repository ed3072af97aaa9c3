/** `bench`: throughput of named cases, on the GPU in both plans and with the CPU reference. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suggest } from '../../src/options/suggest'
import { BENCH_SECONDS, ROW_SECONDS } from '../bench/budget'
import { envsChart } from '../bench/chart'
import { type Measurements, measure } from '../bench/measure'
import { canProfile, profileCases } from '../bench/profile'
import { record, recordName } from '../bench/record'
import { benchTable, profileTables } from '../bench/tables'
import { CASES } from '../cases/cases'
import { packageRoot } from '../checkout/root.js'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { checkOutput, replaceFlag, writeOutput } from '../cli/outfile'
import { linesOfJson, makeOutput, type Output } from '../cli/output'
import { measurePairs, PAIR_CASES } from '../pairs/pairs'
import { pairsTable } from '../pairs/table'
import { RIVAL_CASES, type RivalCase } from '../peers/setting'
import type { RuntimeChoice } from '../runtime/runtime'
import { RUNTIME_FLAGS, readInteger, readRuntime } from '../setup/setup'
import { FEW_REPEATS, LONG_SECONDS } from '../timing/timing'
import { BENCH_FIELDS, PAIR_FIELDS, PROFILE_FIELDS } from './fields/bench'

/** The shortest timed repeat, in seconds. */
const REPEAT_SECONDS = 0.4

export const bench: Command = {
  name: 'bench',
  summary: 'Measure throughput, on the GPU and with the CPU reference.',
  flags: {
    case: {
      value: 'NAME',
      multiple: true,
      help: 'A case of the list below; may be given several times. Default: all of them.',
    },
    rivals: {
      help: `Also measure TensorFlow.js and jax-js in ${RIVAL_CASES.join(' and ')}; npm installs them first. In the second also Stable-Baselines3 and JAX, where Python has them.`,
    },
    against: {
      value: 'FOLDER',
      help: `Instead: another checkout beside this one, in turn, in ${PAIR_CASES.join(', ')}.`,
    },
    repeats: { value: 'N', help: 'Timed repeats after a warm-up, default 5; rounds of --against, default 7.' },
    profile: { help: 'Instead: the GPU time of each kernel, each in a separate compute pass.' },
    plot: { value: 'FILE', help: 'Draw steps per second against environments as SVG, from the rows of scaling-envs.' },
    record: { help: 'In a checkout: record the rows, the chart and the table in docs/performance.md.' },
    from: {
      value: 'FILE',
      multiple: true,
      help: 'Take the rows from files of --json or --record instead of measuring.',
    },
    json: {
      value: 'FILE',
      optionalValue: true,
      help: 'Write the rows to FILE, or under a name of their own into a folder; without FILE, or with -, to stdout.',
    },
    force: replaceFlag('--json or --plot'),
    ...RUNTIME_FLAGS,
  },
  details: [
    `Cases:\n${Object.entries(CASES)
      .map(([name, { summary }]) => `  ${name.padEnd(21)}${summary}`)
      .join('\n')}`,
    'All train CartPole-v1 with 4 epochs of 4 minibatches, separate networks of 2 x 64 tanh units and no early stop, unless\n' +
      'the case says otherwise. Steps per second count environment steps of all agents; of minibatch-step, optimiser steps.\n' +
      'On a software adapter and on the CPU the large cases run at a fraction of their size, which their name then says:\n' +
      `cartpole-wide/16. A row that would take over ${LONG_SECONDS} s has ${FEW_REPEATS} repeats. A size of a scaling case is skipped when it is\n` +
      `predicted to take over ${ROW_SECONDS} s; any row, if the bench of all cases would take over ${BENCH_SECONDS} s.\n` +
      'Rows of plan "reference" are the plain TypeScript trainer in Node, one thread. An uncaptured WebGPU error fails the bench.',
  ].join('\n\n'),
  results: { bench: BENCH_FIELDS, 'bench --profile': PROFILE_FIELDS, 'bench --against': PAIR_FIELDS },
  run: runBench,
}

async function runBench(given: Given): Promise<number> {
  const repeats = readInteger(given, 'repeats', 5, 1, 1000)
  const runtime = readRuntime(given)
  const force = given.has('force')
  const files = { json: given.text('json'), plot: given.text('plot') }
  if (given.has('record')) checkRecordable(given)
  checkFiles(files, force)
  const output = makeOutput(files.json === '-')
  if (given.has('against')) return runPairs(given, files, output)
  const names = readNames(given, Object.keys(CASES), Object.keys(CASES))
  if (given.has('profile')) {
    if (given.has('record') || given.has('plot') || given.has('from') || given.has('rivals')) {
      throw new UsageError(
        '--profile: has no rows to plot, keep, read or compare. Leave --plot, --record, --from and --rivals out.',
      )
    }
    if (files.json !== undefined && isFolder(files.json)) {
      throw new UsageError(`--json: ${files.json} is a folder. With --profile name a file.`)
    }
    const wanted = given.has('case') ? names : names.filter(canProfile)
    const profiles = await profileCases(wanted, runtime, output)
    finish(inOrder(PROFILE_FIELDS, { profiles }), profileTables(profiles), files.json, force, output)
    return EXIT.done
  }
  const benchSeconds = given.has('case') ? Number.POSITIVE_INFINITY : BENCH_SECONDS
  const rivalCases = readRivals(given, names, runtime)
  const options = { names, rivalCases, runtime, output, repeats, repeatSeconds: REPEAT_SECONDS, benchSeconds }
  const measured = given.has('from') ? readAll(given.all('from')) : await measure(options)
  const { rows, skipped, seconds } = measured
  const total = `${rows.length} rows, ${skipped.length} skipped, in ${seconds.toFixed(0)} s.`
  // The folder may already have rows of the same day and machine: those stay.
  const inFolder = files.json !== undefined && isFolder(files.json)
  if (inFolder) files.json = join(files.json!, `${recordName(rows)}.json`)
  finish(inOrder(BENCH_FIELDS, measured), `${benchTable(rows)}\n${total}`, files.json, force && !inFolder, output)
  if (files.plot !== undefined) save(files.plot, envsChart(rows), force, output)
  if (given.has('record')) output.say(`Kept in ${record(measured).join(', ')}.`)
  return EXIT.done
}

/** `--against`: rows of both checkouts and of the CPU reference, and their ratios. */
async function runPairs(given: Given, files: { json?: string }, output: Output): Promise<number> {
  for (const flag of ['profile', 'record', 'plot', 'from', 'rivals']) {
    if (given.has(flag)) throw new UsageError(`--against: measures pairs only. Leave --${flag} out.`)
  }
  if (files.json !== undefined && isFolder(files.json)) {
    throw new UsageError(`--json: ${files.json} is a folder. With --against name a file.`)
  }
  const rows = await measurePairs({
    against: given.text('against')!,
    cases: readNames(given, PAIR_CASES, PAIR_CASES),
    rounds: readInteger(given, 'repeats', 7, 1, 1000),
    ...{ runtime: readRuntime(given), output },
  })
  finish(inOrder(PAIR_FIELDS, { pairs: rows }), pairsTable(rows), files.json, given.has('force'), output)
  return EXIT.done
}

function finish(json: object, text: string, file: string | undefined, force: boolean, output: Output): void {
  try {
    if (file !== undefined && file !== '-') save(file, linesOfJson(json), force, output)
  } finally {
    output.result(json, text) // also if the file cannot be written: measuring took minutes
  }
}

function save(file: string, content: string, force: boolean, output: Output): void {
  const path = writeOutput(file, content, force)
  if (path !== file) output.warn(`WARNING: ${file} exists by now; written to ${path} instead.`)
}

/** @throws UsageError for files that cannot be written, or must not be replaced: before measuring, not after. */
function checkFiles({ json, plot }: { json?: string; plot?: string }, force: boolean): void {
  if (json !== undefined && plot !== undefined && resolve(json) === resolve(plot)) {
    throw new UsageError(`--plot: ${plot} is the file of --json, too. Name another file.`)
  }
  if (plot !== undefined) checkOutput('plot', plot, force)
  if (json === undefined || json === '-') return
  if (isFolder(json)) checkOutput('json', join(json, 'x.json'), true)
  else checkOutput('json', json, force)
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** The cases that were named, or `unset`. */
function readNames(given: Given, known: string[], unset: string[]): string[] {
  const names = given.all('case').length ? [...new Set(given.all('case'))] : unset
  for (const name of names) {
    if (known.includes(name)) continue
    throw new UsageError(
      `--case: there is no case ${JSON.stringify(name)}${suggest(name, known)}. Cases: ${known.join(', ')}.`,
    )
  }
  return names
}

/** Those of the cases in which rivals are measured. */
function readRivals(given: Given, names: string[], { runtime }: RuntimeChoice): RivalCase[] {
  if (!given.has('rivals')) return []
  if (runtime !== 'chrome') throw new UsageError('--rivals: they run in Chrome only. Leave --runtime out.')
  if (given.has('from')) throw new UsageError('--rivals: measures, and --from does not. Leave one of them out.')
  const cases = RIVAL_CASES.filter((name) => names.includes(name))
  if (cases.length > 0) return cases
  throw new UsageError(
    `--rivals: they are measured in ${RIVAL_CASES.join(' and ')} only. Give one of them with --case.`,
  )
}

function checkRecordable(given: Given): void {
  if (given.has('case')) {
    throw new UsageError(
      '--record: keeps the whole bench. Leave --case out, or use --json FILE, and --from for several.',
    )
  }
  if (!existsSync(join(packageRoot(), 'harness', 'results'))) {
    throw new UsageError('--record: works in a checkout of ppo-webgpu only. Use --json FILE and --plot FILE.')
  }
}

/** The rows of several files as if measured together. */
function readAll(files: string[]): Measurements {
  const parts = files.map(readRows)
  return {
    rows: parts.flatMap(({ rows }) => rows),
    skipped: parts.flatMap(({ skipped }) => skipped),
    python: parts.flatMap(({ python }) => python),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
  }
}

function readRows(file: string): Measurements {
  try {
    const { rows, skipped = [], python = [], seconds = 0 } = JSON.parse(readFileSync(file, 'utf8'))
    if (Array.isArray(rows) && rows.length > 0) return { rows, skipped, python, seconds }
  } catch (error) {
    throw new UsageError(`--from: cannot read ${file} (${(error as Error).message}).`)
  }
  throw new UsageError(`--from: ${file} has no rows. Give a file that bench --json FILE wrote.`)
}
