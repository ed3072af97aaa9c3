/**
 * The contract of an environment. One folder per environment: `<env>.wgsl`, `<env>.ts` (its CPU twin), `spec.ts` (an
 * `EnvSpec`, defined below) and `README.md`. Nothing about an environment is in any other place.
 */
import { sizeOf } from '../options/layershapes'
import type { PpoOptions } from '../options/options'
import { moduleOf } from '../wgsl/module'
import type { Numbers } from '../wgsl/numbers'
import type { EnvParam, ParamValues } from './params'
import type { Rng } from './rng'

/** `n` actions, numbered from 0. */
export interface DiscreteSpace {
  kind: 'discrete'
  n: number
}

/** A box of `low.length` real numbers; bounds are finite. */
export interface BoxSpace {
  kind: 'box'
  low: number[]
  high: number[]
}

/** Several discrete choices per step: part i is one of `nvec[i]` actions, numbered from 0. */
export interface MultiDiscreteSpace {
  kind: 'multi_discrete'
  nvec: number[]
}

export type ActionSpace = DiscreteSpace | BoxSpace | MultiDiscreteSpace

/**
 * A picture or a board; its `shape` is height, width, channels. Entry k = (y * width + x) * channels + c. `f32`: any
 * numbers, by `env_observe`. Packed, by `env_observe_word`: `bits`, 0 or 1, entry k is bit k & 31 of word k >> 5;
 * `bytes`, 0 to 255, entry k is byte k & 3 of word k >> 2, little-endian, and the network sees byte / 255. Unused bits
 * are 0.
 */
export interface GridSpace {
  shape: [height: number, width: number, channels: number]
  storage: GridStorage
}
export type GridStorage = 'f32' | 'bits' | 'bytes'

/** The result of one action. Time limits are the framework's, so there is no `truncated` here. */
export interface StepResult {
  reward: number
  terminated: boolean
  /** A life was lost, and the game goes on: 2 as `terminated` in WGSL. Only the option `episodicLife` uses it. */
  lifeLost?: boolean
}

/**
 * The CPU twin of an environment's WGSL: the same names, float64 arithmetic, written from the specification. `State` is
 * a plain object with the fields of WGSL's `EnvState`, in the same order.
 */
export interface EnvTwin<State> {
  /**
   * The initial state of an episode. Draws from `rng` in the same order as the WGSL. `params`: those of the episode.
   * `previous`: the last state of the episode before, which must not be changed; undefined before the first one, where
   * WGSL gets a state of zeros.
   */
  reset(rng: Rng, params?: ParamValues, previous?: State): State
  /**
   * Advances `state` in place. `action` is `[index]` for discrete spaces, one index per part for multi-discrete ones,
   * the clipped vector for boxes.
   */
  step(state: State, action: ArrayLike<number>, rng: Rng, params?: ParamValues): StepResult
  /**
   * Writes the observation, f32-representable where the original's is, to `obs[offset .. offset + obsDim)`: of a grid
   * every entry as a number, also where the WGSL packs them: 0 or 1 for bits, 0 to 255 for bytes.
   */
  observe(state: State, obs: Float64Array, offset: number, params?: ParamValues): void
  /**
   * Writes which choices are allowed, 1, and which are not, 0, to `out[offset .. offset + actionDim)`. Required if the
   * WGSL has `env_mask`. Every part of the action needs at least one allowed choice.
   */
  mask?(state: State, out: Float64Array, offset: number, params?: ParamValues): void
  /** Writes the `privileged` entries to `out[offset .. offset + privileged.length)`. Required where the spec has them. */
  privileged?(state: State, out: Float64Array, offset: number, params?: ParamValues): void
}

/** A field of the state that can be set by hand in the lab, and its range. */
export interface Handle {
  /** A 4-byte float of EnvState, such as `theta`, or `legs[1].angle` for one in an array or a struct. */
  field: string
  label: string
  min: number
  max: number
}

/** How the lab shows an environment; the shapes to draw come from `env_shape`. */
export interface Picture {
  /** The visible part: left, bottom, right, top, in the units of `env_shape`. */
  frame: [number, number, number, number]
  /** Steps per second that look natural: Gymnasium's render_fps. */
  fps: number
  /**
   * The float of EnvState that the camera follows to the left and right, such as `qpos[0]`, or two for right and up:
   * `frame` is relative to them. In the layout "all on one" it follows the chosen environment.
   */
  follow?: string | [string, string]
  handles: Handle[]
}

/** A WGSL file. */
export interface WgslModule {
  /** Shown in errors. */
  file: string
  source: string
  /** What `//#repeat` and `//#if` may name in every module (src/gpu/repeat.ts). */
  numbers?: Record<string, Numbers>
}

/** Everything the framework needs to know about an environment. */
export interface EnvSpec<State = Record<string, number>> {
  /** Gymnasium's id where there is one. */
  id: string
  /** Names of the observation's entries; its length is the observation dimension. Either this or `observation`. */
  observations?: string[]
  /** The observation as a grid; its entries have no names. */
  observation?: GridSpace
  /**
   * Names of what only the critic sees, in training, behind the observation (Pinto et al. 2017, "Asymmetric actor
   * critic"). WGSL has `PRIVILEGED_DIM` and `env_privileged`. Not with grids, nor with a shared trunk.
   */
  privileged?: string[]
  actionSpace: ActionSpace
  /**
   * Names of the actions: discrete, one for each index; multi-discrete, a list for each part; box, one for each
   * dimension.
   */
  actions: string[] | string[][]
  /** Steps after which an episode is truncated; null: there is no time limit, and no episode is truncated. */
  maxEpisodeSteps: number | null
  /** Mean return over 100 episodes at which the task counts as solved; null if the original defines none. */
  rewardThreshold: number | null
  /** A published return after training, drawn as a line in curves; `label` says whose, and after how many steps. */
  published?: { score: number; label: string }
  /**
   * Fields of the state that are angles, in radians. WGSL and twin may wrap them differently, so two states are
   * compared there modulo 2 pi: see `stateDifference`.
   */
  angles?: readonly string[]
  /**
   * Largest error of a step of the WGSL, from a state rounded to f32, against the twin, relative to max(1, the largest
   * number compared). Default 1e-6. Set it larger if a step amplifies the rounding of its initial state.
   */
  tolerance?: number
  /**
   * Parameters of an episode, by name, in order: numbers or booleans, at most 16. WGSL reads `params.wind_power` for
   * `windPower`, in the functions below; the twin gets them as its last argument.
   */
  params?: Readonly<Record<string, EnvParam>>
  /** Only the hyperparameters that differ from the defaults of `src/options/table.ts`; left out: none. */
  preset?: Partial<PpoOptions>
  /**
   * WGSL source: OBS_DIM, ACTION_DIM, Action, EnvState, env_reset, env_step, env_observe (of packed grids instead
   * env_observe_word); for pictures also env_shape; with `privileged` PRIVILEGED_DIM and env_privileged.
   */
  wgsl: string
  /** Where the WGSL comes from, for compile errors: a path relative to the repository's root. */
  wgslFile: string
  /** Further WGSL that is imported by `//#import "name"`: name -> file (for compile errors) and source. */
  modules?: Readonly<Record<string, WgslModule>>
  /** How the lab shows it. Without it the lab shows a square of 5 units, and no state can be set by hand. */
  picture?: Picture
  /** The CPU twin. Without it the environment can be trained, but not compared or evaluated on the CPU. */
  twin?: EnvTwin<State>
}

/** What describes an environment's observations. */
export type Observed = Pick<EnvSpec, 'observations' | 'observation' | 'privileged'>

/** Observation dimension: entries of one observation, before frames are stacked. */
export const obsDim = ({ observations, observation }: Observed): number =>
  observation ? sizeOf(observation.shape) : observations!.length

/** Entries of one observation, then the privileged ones: what the critic sees. */
export const seenDim = (spec: Observed): number => obsDim(spec) + (spec.privileged?.length ?? 0)

/** The number that WGSL returns for this as `terminated`. */
export const endCode = ({ terminated, lifeLost = false }: StepResult): number => (terminated ? 1 : lifeLost ? 2 : 0)

/** What a network gets: [entries], or of a grid [height, width, channels of all stacked frames]. */
export const observedShape = (spec: Observed, frameStack = 1): number[] => {
  if (!spec.observation) return [obsDim(spec)]
  const [height, width, channels] = spec.observation.shape
  return [height, width, channels * frameStack]
}

/** The name of an observation's entry; of a grid its place, `(y, x, channel)`. */
export function entryName({ observations, observation }: Observed, k: number): string {
  if (!observation) return observations![k]
  const [, width, channels] = observation.shape
  const pixel = Math.floor(k / channels)
  return `(${Math.floor(pixel / width)}, ${pixel % width}, ${k % channels})`
}

/** The names of all entries. */
export const entryNames = (spec: Observed): string[] =>
  spec.observations ?? Array.from({ length: obsDim(spec) }, (_, k) => entryName(spec, k))

/** The name of entry `k` of all that the critic sees, in messages: `observation 0 (x)`, `privileged 0 (mass)`. */
export function seenName(spec: Observed, k: number): string {
  const own = k - obsDim(spec)
  return own < 0 ? `observation ${k} (${entryName(spec, k)})` : `privileged ${own} (${spec.privileged![own]})`
}

/** The function of the WGSL that gives entry `k` of all that the critic sees. */
export const seenBy = (spec: Observed, k: number): 'env_privileged' | ReturnType<typeof observeName> =>
  k < obsDim(spec) ? observeName(spec) : 'env_privileged'

/** Whether observations are words of bits or bytes, by `env_observe_word`. */
export const isPacked = ({ observation }: Pick<EnvSpec, 'observation'>): boolean =>
  (observation?.storage ?? 'f32') !== 'f32'

/** The function of the WGSL that observes. */
export const observeName = (spec: Pick<EnvSpec, 'observation'>): 'env_observe' | 'env_observe_word' =>
  isPacked(spec) ? 'env_observe_word' : 'env_observe'

/** Number of the policy's outputs: discrete actions, choices of all parts, or action dimensions. */
export function actionDim({ actionSpace: space }: Pick<EnvSpec, 'actionSpace'>): number {
  if (space.kind === 'discrete') return space.n
  return space.kind === 'box' ? space.low.length : space.nvec.reduce((a, b) => a + b, 0)
}

/** The name of each output of the policy: of every choice, part by part, or of every dimension. */
export const choiceNames = ({ actions }: Pick<EnvSpec, 'actions'>): string[] => actions.flat()

/** How many numbers an action has, as the environment gets it. */
export function actionCount({ actionSpace: space }: Pick<EnvSpec, 'actionSpace'>): number {
  if (space.kind === 'discrete') return 1
  return space.kind === 'box' ? space.low.length : space.nvec.length
}

/** Whether the environment forbids some of its actions in some states: its WGSL has `env_mask`. */
export const hasMask = ({ wgsl }: Pick<EnvSpec, 'wgsl'>): boolean =>
  moduleOf(wgsl).declarations.some(({ kind, name }) => kind === 'fn' && name === 'env_mask')

/** Whether a reset gets the last state of the episode before: `env_reset` has the second parameter `previous`. */
export const hasPrevious = ({ wgsl }: Pick<EnvSpec, 'wgsl'>): boolean =>
  moduleOf(wgsl).declarations.some(
    ({ kind, name, members }) => kind === 'fn' && name === 'env_reset' && members.length === 2,
  )

/** Stands for no time limit in the arguments of kernels: lengths are counted in f32, which stays below. */
const NO_TIME_LIMIT = 2 ** 32 - 1

/** `max_episode_steps` of the kernels. */
export const stepLimit = ({ maxEpisodeSteps }: Pick<EnvSpec, 'maxEpisodeSteps'>): number =>
  maxEpisodeSteps ?? NO_TIME_LIMIT

/** `a - b` for values of the state's field `field`; for angles modulo 2 pi, in [-pi, pi]. */
export function stateDifference(spec: Pick<EnvSpec, 'angles'>, field: string, a: number, b: number): number {
  const difference = a - b
  if (!spec.angles?.includes(field)) return difference
  return difference - 2 * Math.PI * Math.round(difference / (2 * Math.PI))
}

/** A spec with any state: what takes a user's spec does not read states by name. */
// biome-ignore lint/suspicious/noExplicitAny: EnvSpec is invariant in its state, and only `any` takes every one.
export type AnyEnvSpec = EnvSpec<any>
