/**
 * Checks whether a run fits the adapter, before anything is compiled or allocated: the sizes of its buffers and
 * arguments, the resources of its kernels and the sizes of their dispatches, each against its limit. If it does not
 * fit, the error says which option to change, and to what.
 */

import { ConfigError } from '../config/config'
import { formatLayers } from '../options/layerspec'
import { type Adapter, type LimitName, ORDINARY_LIMITS } from '../plan/adapterclass'
import { MIB, totalBytes } from '../plan/buffers'
import { KEPT } from '../plan/kept'
import { type PlanOptions, planRun, type RunPlan } from '../plan/runplan'
import { needsOf } from './needs'
import { remedies } from './remedies'

/** A quantity that a limit of the adapter bounds. */
interface Demand {
  /** Its name in the message: `the buffer transitions`. */
  what: string
  needs: number
  unit: string
  limit: LimitName
}

/** A run that is too large for the adapter. */
export class RoomError extends ConfigError {
  readonly code = 'NO_ROOM'
}

/** A run needs more than a limit allows. */
export class LimitError extends RoomError {
  constructor(
    message: string,
    readonly limit: LimitName,
    /** What the adapter has. */
    readonly value: number,
  ) {
    super(message)
  }
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
  const value = adapter.limits[limit]
  const where = option ?? (isFixed(limit) ? 'plan' : 'numEnvs')
  throw new LimitError(
    `config.${where}: ${what} needs ${needs} ${unit}, and the adapter's ${limit} is ${value} ` +
      `(${sizesOf(plan)}; ${mebibytes(bytesOfRun(plan, 0))} MiB in all buffers). ${advice ?? noAdvice(limit, value)}`,
    limit,
    value,
  )
}

/** Whether a run exceeds no limit of the adapter, and needs at most `bytes` of GPU memory. */
export function isWithin(adapter: Adapter, options: PlanOptions, bytes: number): boolean {
  const plan = planRun(adapter, options)
  return bytesOfRun(plan, 0) <= bytes && excess(plan, adapter).length === 0
}

/** Limits of the kernels themselves: a smaller run has the same kernels. */
const isFixed = (limit: LimitName): boolean =>
  limit === 'maxStorageBuffersPerShaderStage' || limit === 'maxComputeInvocationsPerWorkgroup'

function noAdvice(limit: LimitName, value: number): string {
  const ordinary = ORDINARY_LIMITS[limit]
  if (!isFixed(limit) || value >= ordinary) return LESS_OF_SEVERAL
  return (
    `No option changes that: WebGPU's ordinary limit is ${ordinary}, and compatibility mode, as on older phones, has less. ` +
    "Use a device whose adapter was requested without featureLevel 'compatibility'; if there is none, another machine."
  )
}

const LESS_OF_SEVERAL = 'No option alone is enough: use less of several.'

/**
 * The error if there is not enough GPU memory for `plan`, although no limit is exceeded: WebGPU does not report how
 * much there is.
 */
export function outOfMemory(adapter: Adapter, options: PlanOptions): RoomError {
  const plan = planRun(adapter, options)
  const bytes = bytesOfRun(plan, 0)
  const { option, advice } = remedies(adapter, options, (other) => bytesOfRun(other, 0) <= bytes / 2)
  return new RoomError(
    `config.${option ?? 'numEnvs'}: the GPU has no room for the ${mebibytes(bytes)} MiB that this takes (${sizesOf(plan)}). For half ` +
      `as much: ${advice ?? LESS_OF_SEVERAL}`,
  )
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / MIB)

function sizesOf({ sizes, layout, config }: RunPlan): string {
  const { numAgents, numEnvs, numSteps } = sizes
  const { actorHidden, criticHidden, layers, observation } = layout.shape
  const widths = [...new Set([actorHidden, criticHidden].map((hidden) => `[${hidden.join(', ')}]`))]
  const network = layers ? `network ${formatLayers(layers)}` : `hidden ${widths.join(' and ')}`
  const seen = observation ? `, observations ${observation.shape.join(' x ')} of ${observation.storage}` : ''
  const stack = observation ? ` with frameStack ${config.frameStack}` : ''
  return `numAgents ${numAgents}, numEnvs ${numEnvs}, numSteps ${numSteps}, ${network}${seen}${stack}`
}
