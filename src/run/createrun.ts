/** Plans, checks, compiles and allocates a run. */

import type { PpoConfig } from '../config/config'
import { isEvaluated } from '../env/evaluation'
import type { Gpu } from '../gpu/device'
import { ArgsArena } from '../gpu/dispatch'
import { adapterOf } from '../plan/adapterclass'
import type { FusedShape } from '../plan/fusedshape'
import { createKernels, createRunKernel } from '../plan/kernels'
import type { PlanOptions } from '../plan/runplan'
import type { Tuning } from '../plan/tuned'
import { allocate } from './allocate'
import { createEvaluation } from './evaluation'
import { writeAgents } from './hyper'
import { outOfMemory, planToFit } from './limits'
import { destroyRun, type Run } from './run'
import { autotune, type CompileTuned, tableTuning, useTuning } from './tuning'

export interface RunOptions extends Omit<PlanOptions, 'givenOrder'> {
  /** Permutations [epoch][batch] to replay instead of the shuffle. */
  permutations?: GPUBuffer
  /** Found earlier on the same adapter: nothing is tuned again. */
  tuning?: Tuning
  /** Tunes on a software adapter too, for tests. */
  tuneSoftware?: boolean
  /** Overrides of the hyperparameter record, for replays of files whose settings are not valid options. */
  hyper?: Record<string, number | boolean>
}

/**
 * Plans, checks and allocates everything of a run.
 * @throws ConfigError if it exceeds a limit of the adapter, before anything is compiled or allocated; or if it does not
 * fit into memory.
 */
export async function createRun(gpu: Gpu, options: RunOptions): Promise<Run> {
  const adapter = adapterOf(gpu)
  const asked = { ...options, givenOrder: options.permutations !== undefined }
  const { wanted, buffers: planned, ...facts } = planToFit(adapter, asked)
  const { config, fused } = facts
  const kernels = await createKernels(gpu.device, wanted)
  const buffers = await allocate(gpu.device, planned, () => outOfMemory(adapter, asked))
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
  if (isEvaluated(config) && options.spec) {
    run.evaluation = await createEvaluation(gpu, run, options.spec, options.shape).catch((error) => {
      destroyRun(run)
      throw error
    })
  }
  return run
}

/** Why the recorded table is used instead of a search; null if there is a search. */
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
