/** The kernels of a run: which there are, and what is bound to the slots of their modules. */
import { actionDim, type EnvSpec, obsDim } from '../envs/env'
import type { PpoConfig } from './config'
import type { Slot } from './gpu/link'
import { createKernel, type Kernel } from './gpu/pipeline'
import type { NetworkShape } from './network'
import { recordSlots } from './record'
import { SHADERS } from './shaders'

/** The kernels that touch an environment; the others serve any policy and any batch. */
const ENV_KERNELS = ['reset_envs', 'observe_envs', 'step_envs'] as const
const POLICY_KERNELS = [
  'sample',
  'gae',
  'health',
  'explained_variance',
  'episode_stats',
  'advantage_stats',
  'gather',
  'linear_forward',
  'ppo_loss',
  'loss_stats',
  'linear_backward_weight',
  'linear_backward_input',
  'reduce_gradients',
  'grad_norm',
  'adam',
  'control',
] as const

export type Stem = (typeof ENV_KERNELS)[number] | (typeof POLICY_KERNELS)[number]
export type Kernels = Record<Stem, Kernel>

/** The network that `config` asks for on `spec`. */
export const networkShape = (spec: EnvSpec, config: PpoConfig): NetworkShape => ({
  obsDim: obsDim(spec),
  actionDim: actionDim(spec),
  actorHidden: config.hidden,
  criticHidden: config.hidden,
  activation: config.activation,
  dist: spec.actionSpace.kind === 'discrete' ? 'categorical' : 'gaussian',
})

const library = (name: string): Slot => {
  const file = `shaders/lib/${name}.wgsl`
  return { file, source: SHADERS.get(file)! }
}

/**
 * The slots of an environment: its own source, and how a stored action becomes the environment's. Training clips to the
 * box; `clip` false is for replays, where an environment meets actions outside its bounds.
 */
export function envSlots(spec: EnvSpec, clip = true): Record<string, Slot> {
  const env = { file: spec.wgslFile, source: spec.wgsl }
  if (spec.actionSpace.kind === 'discrete') return { env, action: library('action_discrete') }
  if (!clip) return { env, action: library('action_unclipped') }
  const array = (name: string, bounds: number[]): string =>
    `const ${name} = array<f32, ${bounds.length}>(${bounds.map((x) => `f32(${x})`).join(', ')});`
  const { low, high } = spec.actionSpace
  const bounds = { file: `bounds of ${spec.id}`, source: `${array('ACTION_LOW', low)}\n${array('ACTION_HIGH', high)}` }
  return { env, action: library('action_box'), bounds }
}

/** The slots that follow from the network; `givenOrder` replays recorded permutations instead of shuffling. */
export function policySlots(shape: NetworkShape, givenOrder = false): Record<string, Slot> {
  return {
    ...recordSlots(shape),
    dist: library(shape.dist),
    shuffle: library(givenOrder ? 'given_order' : 'shuffle'),
  }
}

/** Compiles all kernels of a run in parallel; without `spec`, those that need no environment. */
export async function createKernels(
  device: GPUDevice,
  shape: NetworkShape,
  spec: EnvSpec | undefined,
  givenOrder = false,
): Promise<Kernels> {
  const slots = { ...policySlots(shape, givenOrder), ...(spec ? envSlots(spec) : {}) }
  const stems = [...(spec ? ENV_KERNELS : []), ...POLICY_KERNELS]
  const kernels = await Promise.all(stems.map((stem) => createKernel(device, stem, { slots })))
  return Object.fromEntries(kernels.map((kernel) => [kernel.stem, kernel])) as Kernels
}
