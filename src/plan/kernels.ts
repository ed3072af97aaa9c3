/** The kernels of a run, and what is bound to the import slots of their modules. */
import { type EnvSpec, hasMask, hasPrevious, isPacked, type Observed, obsDim, seenDim } from '../env/contract'
import { gridWords } from '../env/grid'
import { link, type Slot } from '../gpu/link'
import { createKernel, type Kernel } from '../gpu/pipeline'
import { kernelPath, SHADERS } from '../gpu/shaders'
import { distributionFor } from '../model/distributions/table'
import { type LayerStem, layerOverrides, layerStems } from '../model/layerkernels'
import { layoutNetwork, type NetworkShape } from '../model/network'
import { storageOf } from '../model/networkshape'
import { isNormalising, type Normalising, normSlot } from '../model/normaliser'
import type { PpoConfig } from '../options/options'
import type { Sizes } from './buffers'
import { finiteSlot } from './finite'
import { QUAD_ROWS } from './fusedshape'
import type { GridShape } from './gridshape'
import { inputSlots } from './inputs'
import { paramSlots } from './params'
import { type QuadShape, quadSlot } from './quadlayers'
import { shapeSlot } from './transition'

/** The kernels that contain an environment; the others work with any policy and any batch. */
const ENV_KERNELS = {
  both: ['reset_envs'],
  layered: ['observe_envs', 'step_envs'],
  fused: ['fused_rollout'],
  quads: ['quad_rollout'],
  grid: ['observe_envs', 'grid_rollout'],
} as const
/** Only with packed observations, and only with stacked frames; not with tiles or quads. */
const PACKED_KERNELS = ['observe_words', 'gather_words'] as const
const STACK_KERNELS = ['copy_frames'] as const
/** Only with normalisation of observations or rewards. */
const NORMALISER_KERNELS = ['update_normaliser'] as const
/** Kernels of both plans, and of each plan alone. */
const POLICY_KERNELS = [
  'health',
  'explained_variance',
  'episode_stats',
  'advantage_stats',
  'reduce',
  'adam',
  'control',
] as const
const FUSED_KERNELS = {
  tiles: ['fused_gradient'],
  quads: ['quad_gradient'],
} as const
/** Only with evaluations, which are layered in both plans. */
const EVALUATION_KERNELS = ['begin_evaluation', 'act_mode', 'score_episodes', 'keep_best'] as const
const LAYERED_KERNELS = {
  rollout: ['sample', 'gae'],
  update: ['gather', 'ppo_loss', 'sum_losses'],
} as const

/** How the computation is split into dispatches. */
export type Plan = 'layered' | 'fused'
export type Stem =
  | (typeof ENV_KERNELS)['both' | 'quads' | 'grid' | Plan][number]
  | (typeof PACKED_KERNELS)[number]
  | (typeof STACK_KERNELS)[number]
  | (typeof POLICY_KERNELS)[number]
  | (typeof NORMALISER_KERNELS)[number]
  | (typeof EVALUATION_KERNELS)[number]
  | (typeof LAYERED_KERNELS)['rollout' | 'update'][number]
  | LayerStem
  | (typeof FUSED_KERNELS)['tiles' | 'quads'][number]
/** The kernels of the run's plan; others are missing. */
export type Kernels = Record<Stem, Kernel>

const RAW = { signReward: false, episodicLife: false }
const NOT_NORMALISING: Normalising = { normObs: false, normReward: false }

const source = (file: string): Slot => ({ file, source: SHADERS.get(file)! })
const library = (name: string): Slot => source(`shaders/lib/${name}.wgsl`)

/** Options of the interface between an environment and the agent. */
export interface EnvSide {
  /** Training clips actions to the box; false is for replays, which may have actions outside its bounds. */
  clip?: boolean
  norm?: Normalising
  /** The stored actions of a box are in [-1, 1]. */
  scaleActions?: boolean
  /** Frames that the policy sees at once. */
  frames?: number
  rewards?: RewardOptions
}

/** From which rewards and ends the agent learns. */
export type RewardOptions = Pick<PpoConfig, 'signReward' | 'episodicLife'>

const rewardSlot = ({ signReward, episodicLife }: RewardOptions): Slot => ({
  file: 'options of the rewards',
  source: `const SIGN_REWARD = ${signReward};\nconst EPISODIC_LIFE = ${episodicLife};`,
})

/** The slots of an environment: its own source and modules, and the conversion of stored actions. */
export function envSlots(
  spec: EnvSpec,
  { clip = true, norm = NOT_NORMALISING, scaleActions = false, frames = 1, rewards = RAW }: EnvSide = {},
): Record<string, Slot> {
  const normaliser = library(isNormalising(norm) ? 'rollout/normaliser' : 'rollout/normaliser_off')
  const own = { ...spec.modules, ...paramSlots(spec), env: { file: spec.wgslFile, source: spec.wgsl } }
  const mask = library(hasMask(spec) ? 'policy/mask_on' : 'policy/mask_off')
  const reset = library(hasPrevious(spec) ? 'rollout/reset_after' : 'rollout/reset_alone')
  const env = {
    learning: rewardSlot(rewards),
    ...{ ...own, reset, normaliser, norm: normSlot(norm, seenDim(spec) * frames), finite: finiteSlot(spec, own), mask },
    shape: shapeSlot(
      { ...distributionFor(spec.actionSpace), masked: hasMask(spec), privileged: spec.privileged?.length },
      gridWords(spec, frames),
    ),
  }
  const { kind } = spec.actionSpace
  if (kind !== 'box') return { ...env, action: library(`rollout/action_${kind}`) }
  if (!clip) return { ...env, action: library('rollout/action_unclipped') }
  const array = (name: string, bounds: number[]): string =>
    `const ${name} = array<f32, ${bounds.length}>(${bounds.map((x) => `f32(${x})`).join(', ')});`
  const { low, high } = spec.actionSpace
  const bounds = { file: `bounds of ${spec.id}`, source: `${array('ACTION_LOW', low)}\n${array('ACTION_HIGH', high)}` }
  return { ...env, action: library(scaleActions ? 'rollout/action_scaled' : 'rollout/action_box'), bounds }
}

/**
 * The slots that depend on the network; `givenOrder` replays recorded permutations instead of shuffling. In a kernel
 * with an environment `envSlots` override them: there the environment declares its own sizes.
 */
export function policySlots(shape: NetworkShape, givenOrder = false): Record<string, Slot> {
  return {
    shape: shapeSlot(shape),
    dist: source(`src/model/distributions/${shape.dist}/${shape.dist}.wgsl`),
    shuffle: library(givenOrder ? 'update/given_order' : 'update/shuffle'),
  }
}

/** The layers of a kernel that works by quads, and how many rows it takes at a time. */
export function quadSlots(stem: string, { gradient, rollout, stepsAlone }: QuadShape): Record<string, Slot> {
  if (stem !== 'quad_rollout') return quadSlot(gradient, QUAD_ROWS)
  const { quad } = quadSlot(rollout, 1)
  return { quad: { ...quad, numbers: { ...quad.numbers, STEPS_ALONE: Number(stepsAlone) } } }
}

/** What grid_rollout has in place of other modules: its rows unrolled, its layers, and words as last observations. */
export const gridSlots = ({ rows }: Pick<GridShape, 'rows'>): Record<string, Slot> => ({
  'shaders/lib/network/mlp.wgsl': library('network/grid_layers'),
  'shaders/lib/rollout/keep_last.wgsl': library('rollout/keep_words'),
  grid_rows: { file: 'rows of grid_rollout', source: `const TILE = ${rows}u;`, numbers: { GRID_ROWS: rows } },
})

export interface KernelsWanted {
  norm: Normalising
  scaleActions: boolean
  rewards: RewardOptions
  shape: NetworkShape
  /** Without an environment: only the kernels that do not need one. */
  spec?: EnvSpec
  plan: Plan
  /** The fused plan with quads instead of tiles. */
  quads: QuadShape | null
  /** The fused plan whose updates are layered. */
  grid: GridShape | null
  /** Replay given permutations instead of the shuffle. */
  givenOrder: boolean
  /** Values of `override` constants, by stem. */
  overrides: Record<string, Record<string, number>>
}

const hasEnv = (stem: Stem): boolean =>
  stem === 'observe_words' || Object.values<readonly string[]>(ENV_KERNELS).flat().includes(stem)

/** Frames of the environment that the network sees at once. */
export const framesOf = (spec: Observed, shape: Pick<NetworkShape, 'obsDim'>): number => shape.obsDim / obsDim(spec)

/** The slots that are bound in the source of `stem`. */
function slotsOf(stem: Stem, wanted: KernelsWanted): Record<string, Slot> {
  const { shape, spec, quads, grid, givenOrder, norm, scaleActions, rewards } = wanted
  const policy = { ...policySlots(shape, givenOrder), ...(quads ? quadSlots(stem, quads) : {}) }
  const ofEnv = spec ? envSlots(spec, { norm, scaleActions, rewards, frames: framesOf(spec, shape) }) : {}
  const env = grid && stem === 'grid_rollout' ? { ...ofEnv, ...gridSlots(grid) } : ofEnv
  return hasEnv(stem) ? { ...policy, ...env } : { ...env, ...policy, ...inputSlots(stem, shape) }
}

/** The kernels of a run. */
export function stemsOf({ spec, shape, plan, quads, grid, norm }: KernelsWanted): Stem[] {
  const form = grid ? 'grid' : quads ? 'quads' : plan
  const hasLayers = form === 'layered' || form === 'grid'
  const layered = [...(form === 'layered' ? LAYERED_KERNELS.rollout : []), ...LAYERED_KERNELS.update]
  const own = hasLayers ? [...layered, ...stemsOfLayers(shape)] : FUSED_KERNELS[quads ? 'quads' : 'tiles']
  const ofEnv = [...ENV_KERNELS.both, ...ENV_KERNELS[form]]
  const packed = hasLayers && spec && isPacked(spec) ? PACKED_KERNELS : []
  const stacked = hasLayers && spec && framesOf(spec, shape) > 1 ? STACK_KERNELS : []
  const stems: Stem[] = [...(spec ? ofEnv : []), ...POLICY_KERNELS, ...own, ...packed, ...stacked]
  if (spec && isNormalising(norm)) stems.push(...NORMALISER_KERNELS)
  return stems
}

/** The kernels of an evaluation. */
export function evaluationStems({ spec, shape }: KernelsWanted): Stem[] {
  const forward = stemsOfLayers(shape).filter((stem) => stem.includes('_forward'))
  const packed: Stem[] = isPacked(spec!) ? ['observe_words'] : []
  const stacked: Stem[] = framesOf(spec!, shape) > 1 ? ['copy_frames'] : []
  return ['reset_envs', ...ENV_KERNELS.layered, ...EVALUATION_KERNELS, ...forward, ...packed, ...stacked]
}

/** The kernels of the layers of a network. */
const stemsOfLayers = (shape: NetworkShape): LayerStem[] => layerStems(layoutNetwork(shape).networks, storageOf(shape))

/** Linked sources, cached by stem and slots: to find sizes that fit an adapter, many runs are planned. */
const linked = new Map<string, string>()
const MOST_LINKED = 256

/** The linked source of a kernel, which gives the sizes of its structs before anything is compiled. */
export function linkKernel(stem: Stem, wanted: KernelsWanted): string {
  const slots = slotsOf(stem, wanted)
  const texts = Object.entries(slots).flatMap(([name, { source, numbers }]) => [name, source, JSON.stringify(numbers)])
  const key = [stem, ...texts].join('\0')
  const known = linked.get(key)
  if (known !== undefined) return known
  const { code } = link(kernelPath(stem), SHADERS, slots)
  if (linked.size >= MOST_LINKED) linked.clear()
  linked.set(key, code)
  return code
}

/** Compiles one kernel of a run; `own` overrides take precedence over the run's. */
export const createRunKernel = (
  device: GPUDevice,
  stem: Stem,
  wanted: KernelsWanted,
  own: Record<string, number> = {},
): Promise<Kernel> =>
  createKernel(device, stem, { slots: slotsOf(stem, wanted), overrides: { ...wanted.overrides[stem], ...own } })

/** Compiles all kernels of a run, in parallel. */
export async function createKernels(
  device: GPUDevice,
  wanted: KernelsWanted,
  stems: Stem[] = stemsOf(wanted),
): Promise<Kernels> {
  const kernels = await Promise.all(stems.map((stem) => createRunKernel(device, stem, wanted)))
  return Object.fromEntries(kernels.map((kernel) => [kernel.stem, kernel])) as Kernels
}

/** `override` constants of the layered plan. */
export const layeredOverrides = (
  shape: NetworkShape,
  { layerThreads }: Sizes,
): Record<string, Record<string, number>> => layerOverrides(stemsOfLayers(shape), layerThreads)
