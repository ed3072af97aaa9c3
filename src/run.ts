/** What one run owns on the GPU: kernels, buffers, arguments; and how planned dispatches are bound to them. */
import type { EnvSpec } from '../envs/env'
import { allocate } from './allocate'
import type { BufferName, Sizes } from './buffers'
import type { PpoConfig } from './config'
import type { PlannedDispatch } from './dispatches'
import type { FusedShape } from './fusedshape'
import type { Gpu } from './gpu/device'
import { ArgsArena, type BufferRange, bindStorage, checkWorkgroups, type Dispatch } from './gpu/dispatch'
import type { Kernel } from './gpu/pipeline'
import { writeAgents } from './hyper'
import { createKernels, createRunKernel, type Kernels, type Plan } from './kernels'
import { outOfMemory, planToFit } from './limits'
import type { NetworkLayout } from './network'
import { adapterOf, type PlanOptions } from './paper'
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

export interface RunOptions extends Omit<PlanOptions, 'givenOrder'> {
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
 * @throws ConfigError when it does not fit the adapter, before anything is compiled or allocated; or when there is no
 * room for it.
 */
export async function createRun(gpu: Gpu, options: RunOptions): Promise<Run> {
  const adapter = adapterOf(gpu)
  const paper = { ...options, givenOrder: options.permutations !== undefined }
  const { wanted, buffers: planned, ...facts } = planToFit(adapter, paper)
  const { config, fused } = facts
  const kernels = await createKernels(gpu.device, wanted)
  const buffers = await allocate(gpu.device, planned, () => outOfMemory(adapter, paper))
  const reason = whyNotTuned(fused, gpu, config, options.tuneSoftware)
  const run: Run = {
    ...facts,
    gpu,
    kernels,
    buffers,
    arena: new ArgsArena(gpu.device),
    extra: options.permutations ? { permutations: { buffer: options.permutations } } : {},
    bindGroups: new Map(),
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

/** Binds planned dispatches to the run's kernels and buffers: their bindings are the buffers of the same names. */
export const bindAll = (run: Run, planned: PlannedDispatch[]): Dispatch[] =>
  planned.map(({ stem, args, workgroups, bind, flops }) => {
    const kernel = run.kernels[stem]
    checkWorkgroups(stem, workgroups)
    return { kernel, storage: storageOf(run, kernel, bind), args: run.arena.add(kernel, args), workgroups, flops }
  })

/** One bind group for each kernel and each set of buffers. */
function storageOf(run: Run, kernel: Kernel, bind: PlannedDispatch['bind']): GPUBindGroup {
  const names = kernel.storage.map((b) => bind[b.name] ?? b.name)
  const key = `${kernel.stem}(${names.join()})`
  let storage = run.bindGroups.get(key)
  if (!storage) {
    const ranges = Object.fromEntries(
      kernel.storage.map((b, i) => [b.name, run.extra[names[i]] ?? { buffer: run.buffers[names[i] as BufferName] }]),
    )
    storage = bindStorage(run.gpu.device, kernel, ranges)
    run.bindGroups.set(key, storage)
  }
  return storage
}

/** Frees everything on the GPU; the device stays. */
export function destroyRun(run: Run): void {
  for (const buffer of Object.values(run.buffers)) buffer.destroy()
  run.arena.destroy()
}
