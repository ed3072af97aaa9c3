/**
 * Checks whether a run fits the adapter, before anything is compiled or allocated: the sizes of its buffers and
 * arguments, the resources of its kernels and the sizes of their dispatches, each against its limit. If it does not
 * fit, the error says which option to change, and to what.
 */

import { ConfigError, derivedSizes, type PpoConfig } from '../config/config'
import type { NetworkShape } from '../model/network'
import type { Adapter, LimitName } from '../plan/adapterclass'
import { MIB, totalBytes } from '../plan/buffers'
import { KEPT } from '../plan/kept'
import { type PlanOptions, planRun, type RunPlan } from '../plan/runplan'
import { needsOf } from './needs'

/** A quantity that a limit of the adapter bounds. */
interface Demand {
  /** Its name in the message: `the buffer transitions`. */
  what: string
  needs: number
  unit: string
  limit: LimitName
}

/** Staging buffers of the metrics: src/gpu/readback.ts. */
const RING = 3

/** Bytes of GPU memory of a run: buffers, arguments, and staging buffers. */
function bytesOfRun({ buffers }: RunPlan, args: number): number {
  const kept = KEPT.reduce((sum, name) => sum + (buffers.get(name) ?? 0), 0)
  return totalBytes(buffers) + RING * (buffers.get('metrics') ?? 0) + kept + args
}

/** What exceeds a limit in `plan`; buffers first, so that no huge list of dispatches is created. */
function excess(plan: RunPlan, adapter: Adapter): Demand[] {
  const { limits } = adapter
  const over = (demands: Demand[]) => demands.filter(({ needs, limit }) => needs > limits[limit])
  const binding = limits.maxStorageBufferBindingSize <= limits.maxBufferSize
  const limit = binding ? 'maxStorageBufferBindingSize' : 'maxBufferSize'
  const buffers = [...plan.buffers].map(([name, needs]) => ({
    what: `the buffer ${name}`,
    needs,
    unit: 'bytes',
    limit,
  }))
  const tooLarge = over(buffers as Demand[])
  if (tooLarge.length > 0) return tooLarge
  const { kernels, workgroups, args } = needsOf(plan, adapter)
  return over([
    { what: 'the buffer args', needs: args, unit: 'bytes', limit: 'maxBufferSize' },
    ...workgroups.map(({ stem, axis, count }) => ({
      ...{ what: `the kernel ${stem}`, needs: count, unit: `workgroups along ${axis}` },
      limit: 'maxComputeWorkgroupsPerDimension' as const,
    })),
    ...kernels.flatMap(({ stem, storageBuffers, workgroupMemory, invocations }): Demand[] => {
      const what = `the kernel ${stem}`
      return [
        { what, needs: workgroupMemory, unit: 'bytes of workgroup memory', limit: 'maxComputeWorkgroupStorageSize' },
        { what, needs: invocations, unit: 'threads', limit: 'maxComputeInvocationsPerWorkgroup' },
        { what, needs: storageBuffers, unit: 'storage buffers', limit: 'maxStorageBuffersPerShaderStage' },
      ]
    }),
  ])
}

/**
 * The plan of a run that fits.
 * @throws ConfigError if it does not: with what exceeds which limit, and for every option that alone can make it fit
 * its largest value.
 */
export function planToFit(adapter: Adapter, options: PlanOptions): RunPlan {
  const plan = planRun(adapter, options)
  const demands = excess(plan, adapter)
  if (demands.length === 0) return plan
  const ratio = ({ needs, limit }: Demand): number => needs / adapter.limits[limit]
  const { what, needs, unit, limit } = demands.reduce((a, b) => (ratio(b) > ratio(a) ? b : a))
  const { option, advice } = remedies(adapter, options, (other) => excess(other, adapter).length === 0)
  throw new ConfigError(
    `config.${option}: ${what} needs ${needs} ${unit}, and the adapter's ${limit} is ${adapter.limits[limit]} ` +
      `(${sizesOf(plan)}; ${mebibytes(bytesOfRun(plan, 0))} MiB in all buffers). ${advice}`,
  )
}

/**
 * The error if there is not enough GPU memory for `plan`, although no limit is exceeded: WebGPU does not report how
 * much there is.
 */
export function outOfMemory(adapter: Adapter, options: PlanOptions): ConfigError {
  const plan = planRun(adapter, options)
  const bytes = bytesOfRun(plan, 0)
  const { option, advice } = remedies(adapter, options, (other) => bytesOfRun(other, 0) <= bytes / 2)
  return new ConfigError(
    `config.${option}: the GPU has no room for the ${mebibytes(bytes)} MiB that this takes (${sizesOf(plan)}). For half ` +
      `as much: ${advice}`,
  )
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / MIB)

function sizesOf({ sizes, layout }: RunPlan): string {
  const { numAgents, numEnvs, numSteps } = sizes
  const { actorHidden, criticHidden } = layout.shape
  const widths = [...new Set([actorHidden, criticHidden].map((hidden) => `[${hidden.join(', ')}]`))]
  return `numAgents ${numAgents}, numEnvs ${numEnvs}, numSteps ${numSteps}, hidden ${widths.join(' and ')}`
}

/** An option that may make a run smaller: `count` values below the present one, in ascending order. */
interface Remedy {
  option: string
  count: number
  value(i: number): number | string
  with(value: number | string): PlanOptions
}

/** The options that alone make `fits` true, each with its largest such value. */
function remedies(adapter: Adapter, options: PlanOptions, fits: (plan: RunPlan) => boolean) {
  const works = (remedy: Remedy, i: number): boolean => fits(planRun(adapter, remedy.with(remedy.value(i))))
  const found = remediesOf(options).flatMap((remedy) => {
    if (remedy.count < 1 || !works(remedy, 0)) return []
    let [low, high] = [0, remedy.count] // the value at `low` fits, the one at `high` does not
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (works(remedy, middle)) low = middle
      else high = middle
    }
    const value = remedy.value(low)
    return [
      { option: remedy.option, advice: `${remedy.option} ${typeof value === 'number' ? 'at most ' : ''}${value}` },
    ]
  })
  if (found.length === 0) {
    return { option: 'numEnvs', advice: 'No option alone is enough: use less of several.' }
  }
  const list = found.map(({ advice }) => advice)
  return { option: found[0].option, advice: `Use ${list.join(', or ')}.` }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

function remediesOf(options: PlanOptions): Remedy[] {
  const { config, shape } = options
  const { numAgents, numEnvs, numSteps, numMinibatches, updateEpochs } = config
  const changed = (change: Partial<PpoConfig>): PlanOptions => ({ ...options, config: { ...config, ...change } })
  const number = (option: 'numAgents' | 'updateEpochs'): Remedy => ({
    option,
    count: config[option] - 1,
    value: (i) => i + 1,
    with: (value) => changed({ [option]: value }),
  })
  /** Sizes with whole minibatches of at least two samples. */
  const size = (option: 'numEnvs' | 'numSteps', other: number): Remedy => {
    const unit = numMinibatches / gcd(numMinibatches, other)
    const first = unit * other < 2 * numMinibatches ? 2 : 1
    return {
      option,
      count: Math.ceil(config[option] / unit) - first,
      value: (i) => (i + first) * unit,
      with: (value) => changed({ [option]: value }),
    }
  }
  const narrow = (hidden: number[], width: number) => hidden.map((own) => Math.min(own, width))
  const { batchSize } = derivedSizes(config)
  const divisors = numMinibatches > 1 ? divisorsBelow(batchSize, numMinibatches) : []
  return [
    ...(numAgents > 1 ? [number('numAgents')] : []),
    size('numEnvs', numSteps),
    size('numSteps', numEnvs),
    {
      option: 'hidden',
      count: Math.max(0, ...shape.actorHidden, ...shape.criticHidden) - 1,
      value: (i) => i + 1,
      with: (value) => {
        const [actorHidden, criticHidden] = [shape.actorHidden, shape.criticHidden].map((h) =>
          narrow(h, value as number),
        )
        const narrowed: NetworkShape = { ...shape, actorHidden, criticHidden }
        return { ...changed({ actorHidden, criticHidden }), shape: narrowed }
      },
    },
    ...(updateEpochs > 1 ? [number('updateEpochs')] : []),
    {
      option: 'numMinibatches',
      count: divisors.length,
      value: (i) => divisors[i],
      with: (value) => changed({ numMinibatches: value as number }),
    },
    {
      option: 'plan',
      count: config.plan === 'layered' ? 0 : 1,
      value: () => 'layered',
      with: () => changed({ plan: 'layered' }),
    },
  ]
}

function divisorsBelow(n: number, end: number): number[] {
  const divisors: number[] = []
  for (let d = 1; d < end; d++) if (n % d === 0) divisors.push(d)
  return divisors
}
