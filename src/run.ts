/** What one run owns on the GPU: kernels, buffers, arguments; and how a dispatch is made from their names. */
import type { EnvSpec } from '../envs/env'
import { allocate } from './allocate'
import {
  type BufferName,
  checkLimits,
  FLOPS_PER_SUBMIT,
  planBuffers,
  planSizes,
  type Sizes,
  type StructSizes,
} from './buffers'
import type { PpoConfig } from './config'
import { type FusedShape, fusedOverrides, fusedShape } from './fusedshape'
import type { Gpu } from './gpu/device'
import { ArgsArena, type BufferRange, bindStorage, checkWorkgroups, type Dispatch } from './gpu/dispatch'
import { reflectStruct } from './gpu/reflect'
import { writeAgents } from './hyper'
import {
  createKernels,
  createRunKernel,
  type Kernels,
  type KernelsWanted,
  layeredOverrides,
  linkKernel,
  type Plan,
  type Stem,
  stemsOf,
} from './kernels'
import { layoutNetwork, type NetworkLayout, type NetworkShape } from './network'
import { isNormalising } from './normaliser'
import { choosePlan, takesQuads } from './plan'
import { autotune, type CompileTuned, type Tuning, tableTuning, useTuning } from './tuning'

export interface Run {
  gpu: Gpu
  config: PpoConfig
  spec: EnvSpec | undefined
  layout: NetworkLayout
  sizes: Sizes
  plan: Plan
  /** Why this plan was taken. */
  planReason: string
  /** How the fused kernels are cut; null in the layered plan. */
  fused: FusedShape | null
  /** Threads of the fused kernels, and where they come from. */
  tuning: Tuning
  kernels: Kernels
  buffers: Record<BufferName, GPUBuffer>
  arena: ArgsArena
  /** Buffers that only some runs have, such as the given order of a replay. */
  extra: Record<string, BufferRange>
  bindGroups: Map<string, GPUBindGroup>
  /** Floating-point operations of one dispatch at most, where it can be cut; no bit depends on it. */
  flopsPerDispatch: number
}

export interface RunOptions {
  spec?: EnvSpec
  shape: NetworkShape
  config: PpoConfig
  /** Iterations whose metrics one readback carries; `auto`: as many as fill a submit. 1 unless given. */
  iterationsPerSubmit?: number | 'auto'
  /** Permutations [epoch][batch] to replay instead of the shuffle. */
  permutations?: GPUBuffer
  /** Found before on the same adapter: nothing is tuned again. */
  tuning?: Tuning
  /** Tunes on a software adapter too, for tests. */
  tuneSoftware?: boolean
  /** Overrides of the hyperparameter record, for replays of files with settings that no run can have. */
  hyper?: Record<string, number | boolean>
}

/**
 * Plans, checks and allocates everything of a run.
 * @throws ConfigError when a buffer passes the adapter's limits, before any is allocated.
 */
export async function createRun(gpu: Gpu, options: RunOptions): Promise<Run> {
  const { config, spec, shape } = options
  const layout = layoutNetwork(shape)
  const sizes = planSizes(config, layout, gpu.software)
  if (options.iterationsPerSubmit === 'auto')
    sizes.iterationsPerSubmit = iterationsThatFill(sizes, layout, gpu.software)
  const { plan, planReason } = choosePlan(config.plan, layout, gpu)
  const shapeArgs = [config, layout, sizes.minibatchSize, gpu.software] as const
  const fused = plan === 'fused' ? fusedShape(...shapeArgs, takesQuads(gpu)) : null
  const givenOrder = options.permutations !== undefined
  const overrides = fused ? fusedOverrides(fused) : layeredOverrides(sizes)
  const quads = fused?.quads ?? null
  const wanted: KernelsWanted = { shape, spec, plan, quads, givenOrder, overrides, norm: config }
  const planned = planBuffers(sizes, layout, structSizes(wanted), fused, isNormalising(config))
  checkLimits(planned, sizes, gpu.device.limits)
  const kernels = await createKernels(gpu.device, wanted)
  const buffers = await allocate(gpu.device, planned, sizes)
  const reason = whyNotTuned(fused, gpu, config, options.tuneSoftware)
  const run: Run = {
    gpu,
    config,
    spec,
    layout,
    sizes,
    plan,
    planReason,
    fused,
    kernels,
    buffers,
    arena: new ArgsArena(gpu.device),
    extra: options.permutations ? { permutations: { buffer: options.permutations } } : {},
    bindGroups: new Map(),
    flopsPerDispatch: FLOPS_PER_SUBMIT[gpu.software ? 'software' : 'hardware'],
    tuning: tableTuning({ fused, kernels }, reason),
  }
  if (reason === null) {
    const compile: CompileTuned = (stem, threads) => createRunKernel(gpu.device, stem, wanted, { WORKGROUP: threads })
    const known = options.tuning?.source === 'measured' ? options.tuning : undefined
    run.tuning = known ? await useTuning(run, known, compile) : await autotune(run, compile)
  }
  writeAgents(run, options.hyper ?? {})
  return run
}

/** Why the recorded table is used instead of a search; null where there is a search. */
function whyNotTuned(
  fused: FusedShape | null,
  gpu: Gpu,
  config: PpoConfig,
  tuneSoftware: boolean | undefined,
): string | null {
  if (!fused || fused.quads) return 'this plan has nothing to tune'
  if (!config.autotune) return 'asked not to'
  return gpu.software && !tuneSoftware ? 'a software adapter' : null
}

/** Iterations that fill a submit, at most 16: short ones are not worth a readback each. */
function iterationsThatFill(sizes: Sizes, layout: NetworkLayout, software: boolean): number {
  const flops = 2 * layout.paramStride * sizes.batchSize * sizes.numAgents * (1 + 3 * sizes.updateEpochs)
  return Math.max(1, Math.min(16, Math.floor(FLOPS_PER_SUBMIT[software ? 'software' : 'hardware'] / flops)))
}

/** Sizes of the structs in the linked sources; what a plan does not use is 0. */
export function structSizes(wanted: KernelsWanted): StructSizes {
  const used = stemsOf(wanted)
  const sizesIn = <N extends keyof StructSizes>(stem: Stem, ...names: N[]) => {
    const code = used.includes(stem) ? linkKernel(stem, wanted) : null
    return Object.fromEntries(names.map((name) => [name, code ? reflectStruct(code, name).size : 0])) as Record<
      N,
      number
    >
  }
  return {
    ...sizesIn('reset_envs', 'EnvState'),
    ...sizesIn('episode_stats', 'Episode'),
    ...sizesIn('ppo_loss', 'SampleLoss'),
    ...sizesIn('control', 'Hyper', 'Progress', 'UpdateStats', 'RolloutStats', 'Metrics'),
  }
}

/** How a dispatch differs from "every binding is the buffer of its name". */
export interface DispatchOptions {
  /** Which buffer stands behind a binding, where the names differ. */
  bind?: Record<string, BufferName>
  flops?: number
}

/** One dispatch of kernel `stem`: its bindings are the run's buffers of the same names. */
export function dispatch(
  run: Run,
  stem: Stem,
  args: Record<string, unknown>,
  workgroups: [number, number, number],
  { bind = {}, flops = 0 }: DispatchOptions = {},
): Dispatch {
  const kernel = run.kernels[stem]
  checkWorkgroups(stem, workgroups)
  const names = kernel.storage.map((b) => bind[b.name] ?? b.name)
  const key = `${stem}(${names.join()})`
  let storage = run.bindGroups.get(key)
  if (!storage) {
    const ranges = Object.fromEntries(
      kernel.storage.map((b, i) => [b.name, run.extra[names[i]] ?? { buffer: run.buffers[names[i] as BufferName] }]),
    )
    storage = bindStorage(run.gpu.device, kernel, ranges)
    run.bindGroups.set(key, storage)
  }
  return { kernel, storage, args: run.arena.add(kernel, args), workgroups, flops }
}

/** Frees everything on the GPU; the device stays. */
export function destroyRun(run: Run): void {
  for (const buffer of Object.values(run.buffers)) buffer.destroy()
  run.arena.destroy()
}
