/** Measures cases, one row at a time: both plans of the GPU, then the CPU reference. */
import type { EnvSpec } from '../../src/env/contract'
import { adapterName } from '../../src/gpu/device'
import { type BenchPoint, benchPoints, CASES } from '../cases/cases'
import { unitFlops } from '../cases/flops'
import { type BenchRow, cpuWhere, firstUpdateRow, gpuWhere, type Skipped, timedRow } from '../cases/rows'
import type { Output } from '../cli/output'
import { type PythonRival, runPythonRivals } from '../peers/python'
import { prepareRivals, runRivals } from '../peers/rivals'
import type { RivalCase } from '../peers/setting'
import { envArgs } from '../protocol/environment'
import { isChrome } from '../runtime/chrome'
import { openRuntime } from '../runtime/open'
import type { Runtime, RuntimeChoice } from '../runtime/runtime'
import { announceAdapter } from '../setup/setup'
import { type Measured, predictSeconds, ROW_SECONDS, type Wanted, whySkipped } from './budget'
import { type ConvolutionRow, measureConvolutions } from './convolutions'
import { measureGymnasium } from './gymnasium'
import { type Load, loadNow } from './load'
import { measureMujoco } from './mujoco'
import { timeReference } from './reference'

/** The plans of the GPU. */
export const GPU_PLANS = ['layered', 'fused'] as const
type Plan = (typeof GPU_PLANS)[number] | 'reference'

export interface Measurements {
  rows: BenchRow[]
  skipped: Skipped[]
  /** Of the case `convolutions`. */
  convolutions: ConvolutionRow[]
  /** More about the Python rivals of `--rivals` than their rows say. */
  python: PythonRival[]
  /** Of the whole bench. */
  seconds: number
  /** Load averages of one minute before and after it; null where the rows were not measured now, or on Windows. */
  load: Load | null
}

export interface MeasureOptions extends Wanted {
  names: string[]
  runtime: RuntimeChoice
  output: Output
  /** Seconds after which no more rows are started; Infinity for cases that were named. */
  benchSeconds: number
  /** The environment of `--env`: the names are those of its cases. */
  own?: EnvSpec
  /** Whether to measure no more rows: the rest is skipped. */
  interrupted(): boolean
  /** Cases in which other libraries are measured too. */
  rivalCases: RivalCase[]
}

/** `first-update` is the median over this many new browsers. */
const FIRST_UPDATES = 3

export async function measure(options: MeasureOptions): Promise<Measurements> {
  const { output } = options
  const versions = options.rivalCases.length > 0 ? await prepareRivals(output.say) : null
  const start = performance.now()
  const loadBefore = loadNow()
  const spent = (): number => (performance.now() - start) / 1000
  const rows: BenchRow[] = []
  const skipped: Skipped[] = []
  const convolutions: ConvolutionRow[] = []
  const python: PythonRival[] = []
  const runtime = await openRuntime(options.runtime)
  /** The last measured size of each case and plan. */
  const before = new Map<string, Measured>()
  try {
    announceAdapter(output, runtime.facts)
    for (const name of options.names) {
      for (const point of convolutionsOf(name, runtime.facts.software)) {
        const late = options.interrupted()
          ? 'interrupted'
          : whySkipped(null, { spent: spent(), bench: options.benchSeconds, row: 0 })
        output.say(`convolutions of ${point.name}, on ${adapterName(runtime.facts)} ...`)
        if (late === null) convolutions.push(...(await measureConvolutions(runtime, point, options.repeats)))
        else skipped.push({ ...sizeOf(point), plan: 'layered', reason: late })
      }
      for (const { point, plan } of rowsOf(name, runtime.facts.software, options.own)) {
        const flops = unitFlops(point.unit, point.spec, point.config)
        const last = before.get(`${point.name} ${plan}`) ?? before.get(`${CASES[name]?.like} ${plan}`)
        const predicted = last ? predictSeconds(last, flops, options) : null
        const row = point.scaling && last ? ROW_SECONDS + last.setupSeconds : Number.POSITIVE_INFINITY
        const budget = { spent: spent(), bench: options.benchSeconds, row }
        if (options.interrupted()) {
          skipped.push({ ...sizeOf(point), plan, reason: 'interrupted' })
          continue
        }
        output.say(
          `${describe(point)}, ${plan}, on ${plan === 'reference' ? 'the CPU' : adapterName(runtime.facts)} ...`,
        )
        const result = whySkipped(predicted, budget) ?? (await measureRow(runtime, point, plan, options))
        if (typeof result === 'string') {
          output.say(`  skipped: ${result}`)
          skipped.push({ ...sizeOf(point), plan, reason: result })
        } else {
          rows.push(result)
          before.set(`${point.name} ${plan}`, measured(result, flops))
        }
      }
    }
    const { rivalCases: cases, repeats, repeatSeconds } = options
    if (options.names.includes('env-step') && !options.own && !options.interrupted()) {
      const timing = { repeats, repeatSeconds }
      for (const beside of [
        measureGymnasium(rows, timing, output.say),
        await measureMujoco(rows, timing, output.say),
      ]) {
        rows.push(...beside.rows)
        skipped.push(...beside.skipped)
      }
    }
    if (versions && isChrome(runtime) && !options.interrupted()) {
      const rivals = await runRivals({ runtime, cases, versions, repeats, repeatSeconds, say: output.say })
      for (const row of rivals.rows) rows.push(row)
      for (const row of rivals.skipped) skipped.push(row)
      if (cases.includes('cartpole-cleanrl')) {
        const beside = runPythonRivals({ repeats, repeatSeconds }, output.say)
        rows.push(...beside.rows)
        skipped.push(...beside.skipped)
        for (const rival of beside.python) python.push(rival)
      }
    }
  } finally {
    await runtime.close()
  }
  return {
    rows,
    skipped,
    convolutions,
    python,
    seconds: spent(),
    load: loadBefore === null ? null : { before: loadBefore, after: loadNow()! },
  }
}

function measured({ ms, firstUpdateSeconds }: BenchRow, flops: number): Measured {
  const unitSeconds = ms / 1000
  return { flops, unitSeconds, setupSeconds: Math.max(0, (firstUpdateSeconds ?? 0) - unitSeconds) }
}

/** The steps whose convolutions a case measures. */
const convolutionsOf = (name: string, software: boolean): BenchPoint[] =>
  CASES[name]?.convolutionsOf ? benchPoints(name, software ? 'software' : 'hardware') : []

const sizeOf = ({ name, config: { numEnvs, hidden } }: BenchPoint) => ({ case: name, numEnvs, hidden })

/** The rows of a case, small sizes first. */
function rowsOf(name: string, software: boolean, own?: EnvSpec): { point: BenchPoint; plan: Plan }[] {
  if (CASES[name]?.convolutionsOf) return []
  const cpu = own && !own.twin ? [] : benchPoints(name, 'cpu', own)
  return benchPoints(name, software ? 'software' : 'hardware', own).flatMap((point, i) => [
    ...plansOf(point).map((plan) => ({ point: { ...point, config: { ...point.config, plan } }, plan })),
    ...(cpu[i] ? [{ point: cpu[i], plan: 'reference' as const }] : []),
  ])
}

/** An environment's kernel alone exists only in the layered plan. */
const plansOf = ({ unit }: BenchPoint) => (unit === 'steps' ? (['layered'] as const) : GPU_PLANS)

export function describe({ name, config, scaling }: BenchPoint): string {
  return scaling ? `${name}, ${config.numEnvs} envs x ${config.numSteps}, hidden ${config.hidden.join(' x ')}` : name
}

/** A row, or why it is not possible with this adapter or plan. */
async function measureRow(
  runtime: Runtime,
  point: BenchPoint,
  plan: Plan,
  options: MeasureOptions,
): Promise<BenchRow | string> {
  try {
    if (plan === 'reference') return await measureReference(point, options)
    return point.firstUpdate ? await measureFirstUpdate(point, options) : await measureGpu(runtime, point, options)
  } catch (error) {
    return whyNotPossible(error)
  }
}

/** Why a row is not possible with this adapter or plan: the configuration itself is valid. @throws any other error. */
export function whyNotPossible(error: unknown): string {
  if (error instanceof Error && error.name === 'ConfigError') return error.message
  throw error
}

async function measureGpu(runtime: Runtime, point: BenchPoint, options: MeasureOptions): Promise<BenchRow> {
  const { repeats, repeatSeconds } = options
  const { spec, config, unit } = point
  const result = await runtime.call('bench', { ...envArgs(spec), config, unit, repeats, repeatSeconds })
  return timedRow(point, result, gpuWhere(runtime.facts))
}

/** Each in a new browser, whose caches are empty. */
async function measureFirstUpdate(point: BenchPoint, options: MeasureOptions): Promise<BenchRow> {
  const { spec, config, unit } = point
  const results = []
  let where = cpuWhere()
  while (results.length < FIRST_UPDATES) {
    const runtime = await openRuntime(options.runtime)
    try {
      where = gpuWhere(runtime.facts)
      results.push(await runtime.call('bench', { ...envArgs(spec), config, unit, repeats: 0, repeatSeconds: 0 }))
    } finally {
      await runtime.close()
    }
  }
  const seconds = results.map((r) => ({ load: r.loadToFirstUpdateSeconds, create: r.firstUpdateSeconds }))
  return firstUpdateRow(point, seconds, results[0], where)
}

async function measureReference(point: BenchPoint, options: MeasureOptions): Promise<BenchRow> {
  if (!point.firstUpdate) return timedRow(point, await timeReference(point, options), cpuWhere())
  const timed = await timeReference(point, { ...options, repeats: 0 })
  const { firstUpdateSeconds: seconds } = timed
  return firstUpdateRow(point, [{ load: seconds, create: seconds }], timed, cpuWhere())
}
