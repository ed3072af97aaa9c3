/** The plan of a run: which plan it uses, how it is split, and its buffers. No GPU is needed here. */

import type { PpoConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { isEvaluated } from '../env/evaluation'
import { reflectStruct } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { layoutNetwork, type NetworkLayout, type NetworkShape, rowFlops } from '../model/network'
import { isNormalising } from '../model/normaliser'
import type { Adapter } from './adapterclass'
import { type BufferName, FLOPS_PER_SUBMIT, planBuffers, planSizes, type Sizes, type StructSizes } from './buffers'
import { choosePlan } from './choice'
import { stepOverrides } from './cuts'
import { type FusedShape, fusedOverrides, fusedShape } from './fusedshape'
import { type GridShape, gridOverrides, gridShape } from './gridshape'
import { type KernelsWanted, layeredOverrides, linkKernel, type Plan, type Stem, stemsOf } from './kernels'
import { isLoopy } from './quadlayers'

export interface PlanOptions {
  spec?: EnvSpec
  shape: NetworkShape
  config: PpoConfig
  /** Iterations whose metrics are read back together; `auto`: as many as fill a submit. Default 1. */
  iterationsPerSubmit?: number | 'auto'
  /** Replay given permutations instead of the shuffle. */
  givenOrder?: boolean
}

export interface RunPlan {
  config: PpoConfig
  spec: EnvSpec | undefined
  layout: NetworkLayout
  sizes: Sizes
  plan: Plan
  /** Why this plan was chosen. */
  planReason: string
  /** How the fused kernels are split; null in the layered plan, and where only the rollout is fused. */
  fused: FusedShape | null
  /** How grid_rollout is split, where the fused plan has it; its updates are layered. */
  grid: GridShape | null
  wanted: KernelsWanted
  /** Bytes of every buffer. */
  buffers: Map<BufferName, number>
  /** The most floating-point operations of one dispatch that can be split; results are bit-identical. */
  flopsPerDispatch: number
}

/** @throws ConfigError if the requested plan is not possible. */
export function planRun(adapter: Adapter, options: PlanOptions): RunPlan {
  const { config, spec, shape, givenOrder = false, iterationsPerSubmit = 1 } = options
  const { software } = adapter
  const layout = layoutNetwork(shape)
  const sizes = planSizes(config, layout, software)
  sizes.iterationsPerSubmit =
    iterationsPerSubmit === 'auto' ? iterationsThatFill(sizes, layout, software) : iterationsPerSubmit
  const { form, plan, planReason } = choosePlan(config, layout, adapter)
  const isFused = form === 'quads' || form === 'tiles'
  const split = isFused ? fusedShape(config, layout, sizes.minibatchSize, adapter) : null
  const grid = form === 'grid' ? gridShape(config, layout, adapter) : null
  const overrides = {
    ...(split ? fusedOverrides(split) : layeredOverrides(shape, sizes)),
    ...(grid ? gridOverrides(grid) : {}),
    ...stepOverrides(sizes.step),
  }
  const scaling = { scaleActions: config.scaleActions, rewards: config }
  const kernels: KernelsWanted = {
    ...{ shape, spec, plan, quads: split?.quads ?? null, grid, givenOrder, overrides, norm: config },
    ...scaling,
  }
  const quads = kernels.quads && { ...kernels.quads, stepsAlone: !!spec && isLoopy(linkKernel('reset_envs', kernels)) }
  const wanted = { ...kernels, quads }
  const fused = split && { ...split, quads }
  const buffers = planBuffers(
    sizes,
    layout,
    structSizes(wanted),
    fused,
    isNormalising(config),
    config.frameStack,
    isEvaluated(config),
  )
  if (grid) buffers.delete('final_values') // they go from grid_rollout into the records
  const flopsPerDispatch = FLOPS_PER_SUBMIT[software ? 'software' : 'hardware']
  return { config, spec, layout, sizes, plan, planReason, fused, grid, wanted, buffers, flopsPerDispatch }
}

/** Iterations that fill a submit, at most 16: a readback after every short one would cost too much. */
function iterationsThatFill(sizes: Sizes, layout: NetworkLayout, software: boolean): number {
  const flops = rowFlops(layout) * sizes.batchSize * sizes.numAgents * (1 + 3 * sizes.updateEpochs)
  return Math.max(1, Math.min(16, Math.floor(FLOPS_PER_SUBMIT[software ? 'software' : 'hardware'] / flops)))
}

/** Sizes of the structs in the linked sources; 0 for those that a plan does not use. */
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
    Best: reflectStruct(SHADERS.get('shaders/lib/data/evaluated.wgsl')!, 'Best').size,
    ...sizesIn('control', 'Hyper', 'Progress', 'UpdateStats', 'RolloutStats', 'Metrics'),
  }
}
