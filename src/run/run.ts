/** The GPU objects of one run: kernels, buffers, arguments; and binding of planned dispatches to them. */
import type { Gpu } from '../gpu/device'
import { type ArgsArena, type BufferRange, bindStorage, checkWorkgroups, type Dispatch } from '../gpu/dispatch'
import type { Kernel } from '../gpu/pipeline'
import type { EvaluatedEpisode } from '../metrics'
import type { BufferName } from '../plan/buffers'
import type { PlannedDispatch } from '../plan/dispatches'
import type { Kernels } from '../plan/kernels'
import type { RunPlan } from '../plan/runplan'
import type { Tuning } from '../plan/tuned'

/** The plan of a run, and its objects on a device. */
export interface Run extends Omit<RunPlan, 'wanted' | 'buffers'> {
  gpu: Gpu
  /** Threads of the fused kernels, and how they were chosen. */
  tuning: Tuning
  kernels: Kernels
  buffers: Record<BufferName, GPUBuffer>
  arena: ArgsArena
  /** Buffers that only some runs have, such as the given order of a replay. */
  extra: Record<string, BufferRange>
  bindGroups: Map<string, GPUBindGroup>
  /** With `evalEvery`. */
  evaluation?: Evaluation
}

/** The evaluations of a run: src/run/evaluation.ts. */
export interface Evaluation {
  /** Arguments of its dispatches. */
  arena: ArgsArena
  /** Evaluated [agent][episode]: its results. */
  results: GPUBuffer
  /** One evaluation of every agent that is due, as submits. */
  lists(flopsPerSubmit: number): Dispatch[][]
  /** The episodes of each agent, from the contents of `results`. */
  read(bytes: ArrayBuffer): EvaluatedEpisode[][]
  destroy(): void
}

/**
 * Binds planned dispatches to the run's kernels and buffers; a binding is the buffer of the same name unless `bind`
 * differs.
 */
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
  run.evaluation?.destroy()
}
