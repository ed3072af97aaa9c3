/** The evaluations of a run: their kernels and buffers on the device, their submits, and their results. */
import { ConfigError, type PpoConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import type { Gpu } from '../gpu/device'
import { ArgsArena } from '../gpu/dispatch'
import { readStruct, reflectStruct } from '../gpu/reflect'
import type { EvaluatedEpisode } from '../metrics'
import type { NetworkShape } from '../model/network'
import { adapterOf } from '../plan/adapterclass'
import type { BufferName } from '../plan/buffers'
import { evaluation, evaluationConfig, isOwnBuffer } from '../plan/evaluation'
import { createKernels, evaluationStems } from '../plan/kernels'
import { planRun } from '../plan/runplan'
import { allocate } from './allocate'
import { bindAll, destroyRun, type Evaluation, type Run } from './run'
import { cutSubmits } from './submits'
import { tableTuning } from './tuning'

/**
 * Prepares the evaluations of `run`.
 * @throws ConfigError if they do not fit the adapter, or its memory.
 */
export async function createEvaluation(gpu: Gpu, run: Run, spec: EnvSpec, shape: NetworkShape): Promise<Evaluation> {
  const { config } = run
  const adapter = adapterOf(gpu)
  const { buffers: all, wanted, ...facts } = planRun(adapter, { spec, shape, config: evaluationConfig(config) })
  const kernels = await createKernels(gpu.device, wanted, evaluationStems(wanted))
  const struct = reflectStruct(kernels.score_episodes.code, 'Evaluated')
  const { numAgents, numEnvs } = facts.sizes
  const planned = new Map([...all].filter(([name]) => isOwnBuffer(name)))
  planned.set('evaluated', struct.size * numAgents * numEnvs) // Evaluated [agent][env]
  if (!planned.has('normaliser')) planned.set('normaliser', 0)
  checkSizes(planned, adapter.limits, config)
  const buffers = await allocate(gpu.device, planned, () => new ConfigError(tooLarge(config, 'its buffers do not fit')))
  // What is not normalised has no statistics; another buffer, which is not read, stands in their place.
  const own: Run = {
    ...facts,
    ...{ gpu, kernels, buffers, arena: new ArgsArena(gpu.device), bindGroups: new Map() },
    tuning: tableTuning({ fused: null, kernels }, null),
    extra: {
      parameters: { buffer: run.buffers.parameters },
      hyper: { buffer: run.buffers.hyper },
      best: { buffer: run.buffers.best },
      best_parameters: { buffer: run.buffers.best_parameters },
      best_statistics: { buffer: run.buffers.best_statistics ?? buffers.final_obs },
      training_progress: { buffer: run.buffers.progress },
      training_normaliser: { buffer: run.buffers.normaliser ?? run.buffers.parameters },
    },
  }
  const { begin, steps, times, end } = evaluation(own, config)
  const [first, repeated, last] = [begin, steps, end].map((list) => bindAll(own, list))
  own.arena.upload()
  return {
    arena: own.arena,
    results: buffers.evaluated,
    lists: (flopsPerSubmit) =>
      cutSubmits([first, ...Array.from({ length: times }, () => repeated), last].flat(), flopsPerSubmit),
    read(bytes) {
      const view = new DataView(bytes)
      return Array.from({ length: numAgents }, (_, agent) =>
        Array.from({ length: numEnvs }, (_, env) =>
          episodeOf(readStruct(struct, view, (agent * numEnvs + env) * struct.size)),
        ),
      )
    },
    destroy: () => destroyRun(own),
  }
}

/** As RUNS_ON and BROKEN of shaders/lib/data/evaluated.wgsl: whatever has not ended by itself is capped. */
const ENDED = 1

function episodeOf(raw: Record<string, unknown>): EvaluatedEpisode {
  const blocks = raw.returnBlocks as number[]
  const sum = blocks.reduceRight((total, block) => total + block, 0)
  return { return: sum, length: raw.episodicLength as number, capped: raw.ended !== ENDED }
}

function checkSizes(
  planned: Map<BufferName, number>,
  limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>,
  config: PpoConfig,
): void {
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize)
  const large = [...planned].find(([, bytes]) => bytes > most)
  if (!large) return
  throw new ConfigError(
    tooLarge(config, `its buffer ${large[0]} needs ${large[1]} bytes, and the adapter allows ${most}`),
  )
}

const tooLarge = ({ evalEpisodes, numAgents }: PpoConfig, why: string): string =>
  `config.evalEpisodes: an evaluation of ${numAgents} agents, ${evalEpisodes} episodes each, is too large: ${why}. ` +
  'Use fewer episodes, or evalEvery 0.'
