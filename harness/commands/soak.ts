/**
 * `soak`: training runs with faults injected at random moments; each must end bit-identical to a run without a fault.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapterName } from '../../src/gpu/device'
import { provenance } from '../checkout/provenance'
import type { AdapterChoice } from '../chrome/flags'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { makeOutput, type Output, table } from '../cli/output'
import { openChrome } from '../runtime/chrome'
import { forChrome } from '../runtime/open'
import { announceAdapter, RUNTIME_FLAGS, readInteger, readRuntime } from '../setup/setup'
import { FAULTS } from '../soak/faults'
import { growth, isFlat, watchLeaks } from '../soak/leaks'
import { runTrial, runUnbroken, type Trial } from '../soak/trial'
import { spread } from '../timing/statistics'
import { type FaultSummary, LEAKS_FIELDS, SOAK_FIELDS, type SoakResult } from './fields/checks'

export const soak: Command = {
  name: 'soak',
  summary: 'Inject faults into training runs at random times, and check that the results are bit-identical.',
  flags: {
    count: { value: 'N', help: 'Number of runs with a fault, the kinds of fault in turn; default 50.' },
    fault: {
      value: 'KIND',
      multiple: true,
      help: `Only this: ${Object.keys(FAULTS).join(', ')}. May be given several times.`,
    },
    leaks: { help: 'Instead: check whether buffers and heap grow over N runs, or over 20 N iterations of one.' },
    seed: { value: 'N', help: 'Seed of the random times; default: from the clock.' },
    adapter: RUNTIME_FLAGS.adapter,
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  get details() {
    const width = Math.max(...Object.keys(FAULTS).map((name) => name.length)) + 2
    const list = Object.entries(FAULTS).map(([name, { title }]) => `  ${name.padEnd(width)}${title}`)
    return [
      `Kinds of fault:\n${list.join('\n')}`,
      'Each run is a separate process, with a fault at a random time between the start of its Chrome and its end. It has recovered if\n' +
        'its weights and its rows are bit-identical to a run without a fault; the seconds are those until there were new rows. The exit\n' +
        'code is 1 if a run did not recover. 50 runs take about a quarter of an hour on two cores.',
    ].join('\n\n')
  },
  results: { soak: SOAK_FIELDS, 'soak --leaks': LEAKS_FIELDS },
  run: runSoak,
}

async function runSoak(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const count = readInteger(given, 'count', 50, 1, 100_000)
  const seed = readInteger(given, 'seed', Date.now() % 2 ** 32, 0, 2 ** 32 - 1)
  const kinds = given.has('fault') ? given.all('fault') : Object.keys(FAULTS)
  for (const kind of kinds) {
    if (!Object.hasOwn(FAULTS, kind)) {
      throw new UsageError(`--fault: ${JSON.stringify(kind)} is not one of ${Object.keys(FAULTS).join(', ')}.`)
    }
  }
  const adapter = forChrome(readRuntime(given).adapter ?? 'auto')
  if (given.has('leaks')) {
    if (count < LEAST_CYCLES) throw new UsageError(`--count: ${count} runs show no trend. Use ${LEAST_CYCLES} or more.`)
    return soakLeaks(output, adapter, count)
  }
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-soak-'))
  try {
    const result = await strikeAll(kinds, count, seed, adapter, folder, (line) => output.say(line))
    output.result(inOrder(SOAK_FIELDS, result), `${tableOf(result.faults)}\nSeed ${seed}, ${result.adapter}.`)
    return result.trials.every(({ recovered }) => recovered) ? EXIT.done : EXIT.checkFailed
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The first half of the runs creates what is created once; the second half needs enough points for a trend. */
const LEAST_CYCLES = 8

/** Counts live buffers and heap over so many runs, and 20 times as many iterations of one run. */
async function soakLeaks(output: Output, adapter: AdapterChoice, cycles: number): Promise<number> {
  const runtime = await openChrome({ adapter })
  try {
    announceAdapter(output, runtime.facts)
    const samples = await watchLeaks(runtime, { iterations: 20 * cycles, cycles })
    const phases = (['iterations', 'cycles'] as const).map((phase) => ({ phase, ...growth(samples[phase]) }))
    const rows = phases.map(({ phase, buffers, bytes, heapEach }) => {
      const { count, ...last } = samples[phase].at(-1)!
      const each = `${heapEach.toFixed(0)} bytes each`
      return [
        `${count} ${phase}`,
        `${last.buffers} (+${buffers})`,
        `${last.bytes} (+${bytes})`,
        `${last.heap} (${each})`,
      ]
    })
    const flat = phases.every(({ phase, ...grown }) => isFlat(phase, grown))
    const result = { adapter: adapterName(runtime.facts), flat, phases, samples, source: provenance() }
    output.result(
      inOrder(LEAKS_FIELDS, result),
      table([['after', 'buffers', 'bytes in them', 'bytes of heap'], ...rows]),
    )
    return flat ? EXIT.done : EXIT.checkFailed
  } finally {
    await runtime.close()
  }
}

/** The random number in [0, 1) for a seed and a position. */
const random = (seed: number, ...place: number[]): number =>
  createHash('sha256')
    .update([seed, ...place].join())
    .digest()
    .readUInt32LE(0) /
  2 ** 32

/** Runs `count` trials with a fault, the kinds in turn. */
export async function strikeAll(
  kinds: string[],
  count: number,
  seed: number,
  adapter: string,
  folder: string,
  say: (line: string) => void,
): Promise<SoakResult> {
  const unbroken = await runUnbroken(join(folder, 'unbroken'), adapter)
  say(`The run that is broken takes ${unbroken.seconds.toFixed(1)} s after the start of Chrome. Seed ${seed}.`)
  const trials: Trial[] = []
  for (let i = 0; i < count; i++) {
    let trial: Trial | null = null
    // The run may end before its fault: then another time is drawn.
    for (let draw = 0; trial === null; draw++) {
      const own = join(folder, `run-${i}-${draw}`)
      trial = await runTrial(kinds[i % kinds.length], random(seed, i, draw) * unbroken.seconds, own, adapter, unbroken)
      rmSync(own, { recursive: true, force: true })
    }
    trials.push(trial)
    const outcome = trial.recovered
      ? `same bits, rows again after ${trial.seconds.toFixed(1)} s`
      : `NOT RECOVERED: ${trial.why}`
    say(
      `${i + 1}/${count} ${FAULTS[trial.fault].title}, at ${trial.at.toFixed(1)} s and ${trial.rows} rows: ${outcome}`,
    )
  }
  const faults = kinds.map((fault) =>
    summarise(
      fault,
      trials.filter((trial) => trial.fault === fault),
    ),
  )
  return { seed, adapter: unbroken.adapter, faults, trials, source: provenance() }
}

function summarise(fault: string, trials: Trial[]): FaultSummary {
  const seconds = trials.filter(({ recovered }) => recovered).map((trial) => trial.seconds)
  const round = (value: number) => Number(value.toFixed(2))
  const times = seconds.length > 0 ? spread(seconds) : null
  return {
    fault,
    tried: trials.length,
    recovered: seconds.length,
    secondsMedian: times && round(times.median),
    secondsMax: times && round(times.max),
  }
}

function tableOf(faults: FaultSummary[]): string {
  const seconds = (value: number | null) => (value === null ? '-' : value.toFixed(1))
  return table([
    ['fault', 'tried', 'same bits', 'median s', 'max s'],
    ...faults.map(({ fault, tried, recovered, secondsMedian, secondsMax }) => [
      FAULTS[fault].title,
      String(tried),
      String(recovered),
      seconds(secondsMedian),
      seconds(secondsMax),
    ]),
  ])
}
