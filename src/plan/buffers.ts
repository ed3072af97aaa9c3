/**
 * Every buffer of a run, planned before any is allocated; src/run/limits.ts checks them. The agent is the first axis of
 * each.
 */
import type { PpoConfig } from '../config/config'
import { derivedSizes } from '../config/config'
import { wordsOfRow } from '../env/grid'
import { outputCopies, round4 } from '../model/layer'
import { criticDim, type NetworkLayout } from '../model/network'
import { normaliserLayout, normaliserStride } from '../model/normaliser'
import { partialStride, type StepCuts, stepCuts } from './cuts'
import type { FusedShape } from './fusedshape'
import { recordLayout } from './transition'

/**
 * Floating-point operations of one submit: 10 to 50 ms, far below the limits of watchdogs (2 s on Windows). Splitting
 * an iteration into submits, or a long dispatch into several, does not change the results.
 */
export const FLOPS_PER_SUBMIT = { software: 1.5e8, hardware: 2e10 }

/** Sizes in the arguments of the kernels. */
export interface Sizes {
  numAgents: number
  numEnvs: number
  numSteps: number
  batchSize: number
  minibatchSize: number
  numMinibatches: number
  updateEpochs: number
  numUpdates: number
  parameterStride: number
  /** Slots of `stop` per agent: the gates of rollout, update, and each minibatch; then the fault. */
  stopStride: number
  /** The most rows of one forward pass: an environment step or a minibatch. */
  maxRows: number
  /** Rows summed in one partial gradient, and the number of partials. */
  rowsPerPartial: number
  numPartials: number
  /** How the end of an optimiser step is split. */
  step: StepCuts
  /** Threads per workgroup of the layers' kernels. Results are bit-identical. */
  layerThreads: number
  /** Iterations whose metrics are read back together. */
  iterationsPerSubmit: number
}

/** Sizes of the structs that WGSL declares, read from its source (bytes). */
export interface StructSizes {
  EnvState: number
  Episode: number
  Hyper: number
  Progress: number
  SampleLoss: number
  UpdateStats: number
  RolloutStats: number
  Metrics: number
  Best: number
}

/**
 * How many rows one partial gradient sums. It changes the order of summation, so it depends only on the per-agent shape
 * and the adapter class: a software adapter has few threads to fill, hardware has many.
 */
export const rowsPerPartial = (minibatchSize: number, software: boolean): number =>
  software ? Math.max(256, Math.ceil(minibatchSize / 16)) : Math.max(32, Math.ceil(minibatchSize / 128))

/** Threads per workgroup of the layers' kernels: a software adapter pays for idle ones. */
export const layerThreads = (software: boolean): number => (software ? 16 : 64)

export function planSizes(config: PpoConfig, layout: NetworkLayout, software: boolean): Sizes {
  const { batchSize, minibatchSize, numUpdates } = derivedSizes(config)
  const rows = rowsPerPartial(minibatchSize, software)
  return {
    numAgents: config.numAgents,
    numEnvs: config.numEnvs,
    numSteps: config.numSteps,
    batchSize,
    minibatchSize,
    numMinibatches: config.numMinibatches,
    updateEpochs: config.updateEpochs,
    numUpdates,
    parameterStride: layout.paramStride,
    stopStride: numUpdates + 3,
    maxRows: Math.max(config.numEnvs, minibatchSize),
    rowsPerPartial: rows,
    numPartials: Math.ceil(minibatchSize / rows),
    step: stepCuts(layout, batchSize, software),
    layerThreads: layerThreads(software),
    iterationsPerSubmit: 1,
  }
}

export type BufferName =
  | 'hyper'
  | 'progress'
  | 'stop'
  | 'parameters'
  | 'moments'
  | 'gradients'
  | 'partials'
  | 'squares'
  | 'transitions'
  | 'final_obs'
  | 'final_values'
  | 'observations'
  | 'final_observations'
  | 'final_states'
  | 'minibatch_observations'
  | 'frames'
  | 'env_states'
  | 'episodes'
  | 'minibatch'
  | 'advantage_moments'
  | 'heads'
  | 'd_heads'
  | 'losses'
  | 'normaliser'
  | 'update_stats'
  | 'rollout_stats'
  | 'return_window'
  | 'metrics'
  | 'evaluated'
  | 'best'
  | 'best_parameters'
  | 'best_statistics'
  | `hidden_${number}`
  | `d_hidden_${number}`

/** Layout of the networks' outputs in `heads` and `d_heads`, in floats. */
export interface HeadsLayout {
  /** Stride of the policy's outputs, which begin at 0. */
  outputStride: number
  /** Offset of the values, and their stride. */
  values: number
  valueStride: number
}

/**
 * For `rows` rows per agent: all outputs, then all values; with a shared trunk each row's value follows its outputs.
 */
export function headsLayout(sizes: Sizes, { shape }: NetworkLayout, rows: number): HeadsLayout {
  const width = round4(shape.actionDim)
  if (shape.sharedTrunk) return { outputStride: width + 4, values: width, valueStride: width + 4 }
  return { outputStride: width, values: sizes.numAgents * rows * width, valueStride: 4 }
}

/** Offset of the per-sample d_own in `d_heads`, in floats. */
export const dOwnOffset = (sizes: Sizes, layout: NetworkLayout, rows: number): number =>
  sizes.numAgents * rows * (round4(layout.shape.actionDim) + 4)

/** Bytes of every buffer, with its shape; f32 and u32 take 4 bytes. */
export function planBuffers(
  sizes: Sizes,
  layout: NetworkLayout,
  structs: StructSizes,
  fused: FusedShape | null,
  normalising: boolean,
  frames = 1,
  evaluating = false,
): Map<BufferName, number> {
  const { numAgents, numEnvs, numSteps, numUpdates } = sizes
  const record = recordLayout(layout.shape)
  const plan = new Map<BufferName, number>()
  const floats = (name: BufferName, ...shape: number[]) => plan.set(name, 4 * shape.reduce((a, b) => a * b, 1))
  const structsOf = (name: BufferName, bytes: number, ...shape: number[]) => floats(name, bytes / 4, ...shape)

  structsOf('hyper', structs.Hyper, numAgents) // Hyper [agent]
  structsOf('progress', structs.Progress, numAgents) // Progress [agent]
  floats('stop', numAgents, sizes.stopStride) // u32 [agent][2 + update, fault]
  floats('parameters', numAgents, layout.paramStride) // f32 [agent][paramStride]
  floats('moments', numAgents, 2, layout.paramStride) // f32 [agent][m, v][paramStride]
  floats('gradients', numAgents, layout.paramStride) // f32 [agent][paramStride]
  floats('transitions', numAgents, numSteps + 1, numEnvs, record.stride) // f32 [agent][step][env][record]
  floats('final_obs', numAgents, numSteps, numEnvs, record.obsStride) // f32 [agent][step][env][obsStride]
  structsOf('env_states', structs.EnvState, numAgents, numEnvs) // EnvState [agent][env]
  structsOf('episodes', structs.Episode, numAgents, numEnvs) // Episode [agent][env]
  // f32 [agent][statistics, then [env][moments]]
  if (normalising) floats('normaliser', numAgents, normaliserStride(criticDim(layout.shape), numEnvs))
  floats('advantage_moments', numAgents, numUpdates, 2) // vec2f [agent][update], mean and 1 / (std + 1e-8)
  structsOf('update_stats', structs.UpdateStats, numAgents, numUpdates) // UpdateStats [agent][update]
  structsOf('rollout_stats', structs.RolloutStats, numAgents) // RolloutStats [agent]
  floats('return_window', numAgents, 100, 2) // vec2f [agent][100], episodes and sum of returns
  structsOf('metrics', structs.Metrics, sizes.iterationsPerSubmit, numAgents) // Metrics [slot][agent]
  if (evaluating) {
    structsOf('best', structs.Best, numAgents) // Best [agent]
    floats('best_parameters', numAgents, layout.paramStride) // f32 [agent][paramStride]
    // f32 [agent][statistics], as the first of normaliser
    if (normalising) floats('best_statistics', numAgents, normaliserLayout(criticDim(layout.shape)).agentFloats)
  }
  // f32 [agent][partial][paramStride + loss sums]
  floats('partials', numAgents, (fused ?? sizes).numPartials, partialStride(layout))
  floats('squares', numAgents, sizes.step.numBlocks) // f32 [agent][block]
  if (!fused) planLayered(plan, sizes, layout, structs, frames)
  return plan
}

/** Buffers of the layered plan alone: everything that one kernel passes to the next. */
function planLayered(
  plan: Map<BufferName, number>,
  sizes: Sizes,
  layout: NetworkLayout,
  structs: StructSizes,
  frames: number,
): void {
  const { numAgents, numEnvs, numSteps, minibatchSize, maxRows } = sizes
  const record = recordLayout(layout.shape)
  const floats = (name: BufferName, ...shape: number[]) => plan.set(name, 4 * shape.reduce((a, b) => a * b, 1))
  floats('final_values', numAgents, numSteps, numEnvs, 4) // f32 [agent][step][env][4], the first of 4
  floats('minibatch', numAgents, minibatchSize, record.stride) // f32 [agent][row][record]
  const words = wordsOfRow(layout.shape.observation)
  if (words > 0) {
    floats('observations', numAgents, numSteps + 1, numEnvs, words) // u32 [agent][step][env][words]
    floats('final_observations', numAgents, numSteps, numEnvs, words) // u32 [agent][step][env][words]
    plan.set('final_states', structs.EnvState * numAgents * numEnvs) // EnvState [agent][env], before the latest reset
    floats('minibatch_observations', numAgents, minibatchSize, words) // u32 [agent][row][words]
  }
  if (frames > 1) floats('frames', numAgents, numEnvs, words || record.obsStride) // u32 [agent][env][words], or f32
  floats('heads', numAgents, maxRows, record.outStride + 4) // f32, see HeadsLayout
  floats('d_heads', numAgents, maxRows, record.outStride + 4 + record.ownStride) // as heads, then [agent][row][ownStride]
  floats('losses', numAgents, minibatchSize, structs.SampleLoss / 4) // SampleLoss [agent][row]
  const hidden = layout.networks.map((layers) => layers.slice(0, -1))
  for (let i = 0; i < Math.max(...hidden.map((layers) => layers.length)); i++) {
    const at = hidden.flatMap((layers) => layers[i] ?? [])
    const width = at.reduce((sum, layer) => sum + layer.outStride * outputCopies(layer), 0)
    floats(`hidden_${i}`, numAgents, maxRows, width) // f32 [agent][copy][row][actor width], then the critic's
    floats(`d_hidden_${i}`, numAgents, minibatchSize, width) // as hidden_i
  }
}

/** Bytes in a mebibyte. */
export const MIB = 2 ** 20

export const totalBytes = (plan: Map<BufferName, number>): number => [...plan.values()].reduce((a, b) => a + b, 0)
