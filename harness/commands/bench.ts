/** `bench`: throughput of named cases, on the GPU in both plans and with the CPU reference. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { EnvSpec } from '../../src/env/contract'
import { BENCH_SECONDS, ROW_SECONDS } from '../bench/budget'
import { envsChart } from '../bench/chart'
import { convolutionTable } from '../bench/convolutions'
import { checkFiles, finish, isFolder, save } from '../bench/files'
import { readAll } from '../bench/fromfiles'
import { loadNow, whyBusy } from '../bench/load'
import { type Measurements, measure } from '../bench/measure'
import { record, recordName } from '../bench/record'
import { benchTable } from '../bench/tables'
import { CASES, ENV_CASES } from '../cases/cases'
import { packageRoot } from '../checkout/root.js'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { replaceFlag } from '../cli/outfile'
import { makeOutput } from '../cli/output'
import { onInterrupt } from '../cli/signals'
import { PAIR_CASES } from '../pairs/pairs'
import { RIVAL_CASES, type RivalCase } from '../peers/setting'
import type { RuntimeChoice } from '../runtime/runtime'
import { chooseEnv } from '../setup/environment'
import { RUNTIME_FLAGS, readInteger, readRuntime } from '../setup/setup'
import { FEW_REPEATS, LONG_SECONDS } from '../timing/timing'
import { readNames, runInstead } from './benchinstead'
import { BENCH_FIELDS, GROWTH_FIELDS, PAIR_FIELDS, PROFILE_FIELDS } from './fields/bench'

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
    env: {
      value: 'ID_OR_FILE',
      help: 'Instead of the list below: cases env-default and env-step in this environment; an id, or a module of your own.',
    },
    rivals: {
      help: `Also measure TensorFlow.js and jax-js in ${RIVAL_CASES.join(', ')}; npm installs them first. In the last also Stable-Baselines3 and JAX, where Python has them.`,
    },
    against: {
      value: 'FOLDER',
      help: `Instead: another checkout beside this one, in turn, in ${PAIR_CASES.join(', ')}.`,
    },
    growth: {
      help: 'Instead: how the time of an iteration grows with environments, width, depth and agents; --plot draws it.',
    },
    repeats: {
      value: 'N',
      help: 'Timed repeats after a warm-up, default 5; with --growth 3. Rounds of --against, default 7.',
    },
    profile: { help: 'Instead: the GPU time of each kernel, each in a separate compute pass.' },
    plot: { value: 'FILE', help: 'Draw steps per second against environments as SVG, from the rows of scaling-envs.' },
    record: { help: 'In a checkout: record the rows, the chart and the table in docs/performance.md.' },
    busy: { help: 'With --record: record although the machine has other work. The page then says so.' },
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
      'the case says otherwise. Steps per second count environment steps of all agents; where one is timed, optimiser steps.\n' +
      'On a software adapter and on the CPU the large cases run at a fraction of their size, which their name then says:\n' +
      `cartpole-wide/16. A row that would take over ${LONG_SECONDS} s has ${FEW_REPEATS} repeats. A size of a scaling case is skipped when it is\n` +
      `predicted to take over ${ROW_SECONDS} s; any row, if the bench of all cases would take over ${BENCH_SECONDS} s.\n` +
      'Rows of plan "reference" are the plain TypeScript trainer in Node, one thread. An uncaptured WebGPU error fails the bench.\n' +
      'Ctrl-C stops after the row in hand and writes those measured, to --json too; the exit code is 75.',
  ].join('\n\n'),
  results: {
    bench: BENCH_FIELDS,
    'bench --profile': PROFILE_FIELDS,
    'bench --against': PAIR_FIELDS,
    'bench --growth': GROWTH_FIELDS,
  },
  run: runBench,
}

async function runBench(given: Given): Promise<number> {
  const repeats = readInteger(given, 'repeats', 5, 1, 1000)
  const runtime = readRuntime(given)
  const force = given.has('force')
  const files = { json: given.text('json'), plot: given.text('plot') }
  if (given.has('record')) checkRecordable(given)
  else if (given.has('busy')) throw new UsageError('--busy: goes with --record. Leave it out.')
  checkFiles(files, force)
  const output = makeOutput(files.json === '-')
  const instead = await runInstead(given, files, output)
  if (instead !== null) return instead
  const own = await readOwn(given)
  const named = readNames(given, Object.keys(own ? ENV_CASES : CASES))
  const names = given.has('rivals') ? withSteps(named) : named
  const benchSeconds = given.has('case') ? Number.POSITIVE_INFINITY : BENCH_SECONDS
  const rivalCases = readRivals(given, names, runtime)
  const { interrupted, release } = onInterrupt(() => output.say('Stopping after this row; those before it are kept.'))
  const timing = { repeats, repeatSeconds: REPEAT_SECONDS, benchSeconds }
  const options = { names, own, rivalCases, runtime, output, interrupted, ...timing }
  const measured = given.has('from') ? readAll(given.all('from')) : await measure(options)
  release()
  const { rows, skipped, convolutions, seconds } = measured
  const total = `${rows.length + convolutions.length} rows, ${skipped.length} skipped, in ${seconds.toFixed(0)} s.`
  if (rows.length + convolutions.length === 0 && interrupted()) return EXIT.interrupted
  // The folder may already have rows of the same day and machine: those stay.
  const inFolder = files.json !== undefined && isFolder(files.json)
  if (inFolder) files.json = join(files.json!, `${recordName([...rows, ...convolutions])}.json`)
  finish(
    inOrder(BENCH_FIELDS, measured),
    [...tablesOf(measured), total].join('\n'),
    files.json,
    force && !inFolder,
    output,
  )
  if (interrupted()) return EXIT.interrupted
  if (files.plot !== undefined) save(files.plot, envsChart(rows), force, output)
  if (given.has('record')) output.say(`Kept in ${record(measured).join(', ')}.`)
  return EXIT.done
}

const tablesOf = ({ rows, convolutions }: Measurements): string[] => [
  ...(rows.length > 0 ? [benchTable(rows)] : []),
  ...(convolutions.length > 0 ? [convolutionTable(convolutions)] : []),
]

/** The environment of `--env`. */
async function readOwn(given: Given): Promise<EnvSpec | undefined> {
  const text = given.text('env')
  if (text === undefined) return undefined
  const wrong = ['record', 'plot', 'rivals', 'from'].find((flag) => given.has(flag))
  if (wrong !== undefined) throw new UsageError(`--env: cannot be combined with --${wrong}. Leave one of them out.`)
  return (await chooseEnv('--env', text)).spec
}

/** Of minatar-breakout the rivals take one optimiser step, so ours is measured too. */
const withSteps = (names: string[]): string[] =>
  names.includes('minatar-breakout') ? [...new Set([...names, 'minatar-step'])] : names

/** Those of the cases in which rivals are measured. */
function readRivals(given: Given, names: string[], { runtime }: RuntimeChoice): RivalCase[] {
  if (!given.has('rivals')) return []
  if (runtime !== 'chrome') throw new UsageError('--rivals: they run in Chrome only. Leave --runtime out.')
  if (given.has('from')) throw new UsageError('--rivals: measures, and --from does not. Leave one of them out.')
  const cases = RIVAL_CASES.filter((name) => names.includes(name))
  if (cases.length > 0) return cases
  throw new UsageError(`--rivals: they are measured in ${RIVAL_CASES.join(', ')} only. Give one of them with --case.`)
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
  const busy = given.has('busy') || given.has('from') ? null : whyBusy(loadNow())
  if (busy !== null) throw new UsageError(`--record: ${busy}. Wait until it is quiet, or record with --busy.`)
}
