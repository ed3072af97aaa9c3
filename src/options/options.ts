/**
 * Every option of a run: its default, its range, and what it does. The library, the command line, the GPU's
 * hyperparameter record and the README all read this one table.
 */

import type { BooleanKind, ChoiceKind, NumberKind, SizesKind } from './kinds'

/** Of the hidden layers. */
export type Activation = 'tanh' | 'relu' | 'silu'

/** Options of which every agent may have a value of its own; the others are shapes, and the same for all. */
export const SWEEPABLE = [
  'seed',
  'learningRate',
  'desiredKl',
  'gamma',
  'gaeLambda',
  'clipCoef',
  'dualClip',
  'vfClipCoef',
  'entCoef',
  'vfCoef',
  'klCoef',
  'targetKl',
  'maxGradNorm',
  'adamBeta1',
  'adamBeta2',
  'adamEps',
  'weightDecay',
  'hiddenGain',
  'actorGain',
  'criticGain',
  'logStdInit',
] as const
export type SweepKey = (typeof SWEEPABLE)[number]

/**
 * What stands in place of a number: a list with an entry per agent; `log` and `lin`, numAgents values from the first to
 * the second bound, both included, with equal ratios or differences; `range`, the whole numbers from the first up to but
 * not including the second. Several swept options are zipped: agent k has entry k of each.
 */
export type Sweep = number[] | { log: [number, number] } | { lin: [number, number] } | { range: [number, number] }

export interface PpoConfig {
  seed: number
  numAgents: number
  numEnvs: number
  numSteps: number
  numMinibatches: number
  updateEpochs: number
  totalTimesteps: number
  stopWhenSolved: boolean
  learningRate: number
  annealLr: boolean
  adaptiveLr: boolean
  desiredKl: number | null
  gamma: number
  gaeLambda: number
  bootstrapTruncated: boolean
  staggerEpisodes: boolean
  algorithm: 'clip' | 'penalty'
  clipCoef: number
  annealClipCoef: boolean
  dualClip: number | null
  clipVloss: boolean
  vfClipCoef: number | null
  scaleActions: boolean
  normObs: boolean
  normReward: boolean
  normAdv: boolean
  normAdvOver: 'minibatch' | 'batch'
  entCoef: number
  annealEntCoef: boolean
  vfCoef: number
  klCoef: number
  targetKl: number | null
  maxGradNorm: number
  adamBeta1: number
  adamBeta2: number
  adamEps: number
  weightDecay: number
  hidden: number[]
  actorHidden: number[] | null
  criticHidden: number[] | null
  sharedTrunk: boolean
  activation: Activation
  hiddenGain: number
  actorGain: number
  criticGain: number
  logStdInit: number
  plan: 'auto' | 'fused' | 'layered'
  autotune: boolean
  /** One value per agent of the options that are swept; the option itself is then agent 0's. */
  sweep: Partial<Record<SweepKey, number[]>>
}

/** What a caller may give; the rest comes from the environment's preset and the defaults. */
export type PpoOptions = {
  [K in keyof PpoConfig]?: PpoConfig[K] | (K extends SweepKey ? Sweep : never)
}

interface Described<T> {
  default: T
  help: string
}
export type NumberOption = NumberKind & Described<number | null>
export type Option =
  | NumberOption
  | (BooleanKind & Described<boolean>)
  | (ChoiceKind & Described<string>)
  | (SizesKind & Described<number[] | null>)

const number = (def: number | null, min: number, max: number, help: string, more: Partial<NumberOption> = {}) =>
  ({ type: 'number', default: def, min, max, help, ...more }) as NumberOption
const integer = (def: number, min: number, max: number, help: string) =>
  ({ type: 'integer', default: def, min, max, help }) as NumberOption
const boolean = (def: boolean, help: string) => ({ type: 'boolean', default: def, help }) as Option
const choice = (def: string, choices: readonly string[], help: string) =>
  ({ type: 'choice', default: def, choices, help }) as Option

/** Bounds of the adaptive learning rate (rsl_rl's). */
export const ADAPTIVE_LR = { min: 1e-5, max: 1e-2 }

const sizes = (help: string): Option => ({
  ...{ type: 'sizes', default: null, nullable: true, min: 1, max: 4096, maxLength: 16, help },
})

export type OptionName = Exclude<keyof PpoConfig, 'sweep'>

export const OPTIONS: Record<OptionName, Option> = {
  seed: integer(1, 0, 0xffffffff, 'Seed of agent 0; agent k uses seed + k.'),
  numAgents: integer(1, 1, 32767, 'Independent learners that train side by side in the same dispatches.'),
  numEnvs: integer(32, 1, 2 ** 20, 'Environments per agent.'),
  numSteps: integer(128, 1, 65536, 'Steps per environment in one rollout.'),
  numMinibatches: integer(4, 1, 65536, 'Minibatches per epoch; must divide numEnvs x numSteps.'),
  updateEpochs: integer(4, 1, 1024, 'Passes over the rollout in one iteration.'),
  totalTimesteps: integer(500_000, 1, 2 ** 40, 'Environment steps per agent; the last incomplete batch is left out.'),
  stopWhenSolved: boolean(false, "Stop an agent when its mean return passes the environment's reward threshold."),
  learningRate: number(2.5e-4, 0, 10, "Adam's step size at the start."),
  annealLr: boolean(true, 'Anneal the learning rate linearly to 0 over the run (CleanRL).'),
  adaptiveLr: boolean(
    false,
    'Learning rate x 1.5 after a minibatch with kl < desiredKl / 2, / 1.5 with kl > 2 desiredKl, inside 1e-5 to 1e-2 (rsl_rl).',
  ),
  desiredKl: number(null, 0, 1000, 'The KL that adaptiveLr aims at, for example 0.01.', {
    nullable: true,
    exclusiveMin: true,
  }),
  gamma: number(0.99, 0, 1, 'Discount factor.'),
  gaeLambda: number(0.95, 0, 1, "GAE's lambda (Schulman et al. 2016)."),
  bootstrapTruncated: boolean(true, 'At a time limit bootstrap from V(final observation); false: treat it as an end.'),
  staggerEpisodes: boolean(
    false,
    'Cut the first episode of each environment at a random step, so that not all time out at once; it is not counted (rsl_rl).',
  ),
  algorithm: choice(
    'clip',
    ['clip', 'penalty'],
    'Clipped surrogate, or KL penalty (Schulman et al. 2017, sections 3, 4).',
  ),
  clipCoef: number(0.2, 0, 100, 'Clip range of the probability ratio.', { exclusiveMin: true }),
  annealClipCoef: boolean(
    false,
    'Anneal clipCoef linearly to 0 over the run, as annealLr (Schulman et al. 2017, Atari).',
  ),
  dualClip: number(null, 1, 1e6, 'Bound the loss where A < 0: at most -A dualClip (Ye et al. 2020); null: no bound.', {
    nullable: true,
    exclusiveMin: true,
  }),
  clipVloss: boolean(true, 'Clip the value loss around the old value.'),
  vfClipCoef: number(null, 0, 1e6, 'Clip range of the value; null: clipCoef as annealed (0.2 in penalty mode).', {
    nullable: true,
    exclusiveMin: true,
  }),
  scaleActions: boolean(
    false,
    'The policy acts in [-1, 1], which is scaled to the bounds of the actions; only for boxes. Stored with the policy.',
  ),
  normObs: boolean(
    false,
    'Normalise observations by their running mean and variance, updated after each iteration, clipped to +-10.',
  ),
  normReward: boolean(
    false,
    'Divide rewards by the running deviation of discounted returns, updated after each iteration, clipped to +-10.',
  ),
  normAdv: boolean(true, 'Normalise the advantages.'),
  normAdvOver: choice(
    'minibatch',
    ['minibatch', 'batch'],
    'What normAdv takes mean and deviation over: each minibatch, or the whole batch.',
  ),
  entCoef: number(0.01, -10, 10, 'Weight of the entropy bonus.'),
  annealEntCoef: boolean(false, 'Anneal entCoef linearly to 0 over the run, as annealLr.'),
  vfCoef: number(0.5, 0, 1000, 'Weight of the value loss.'),
  klCoef: number(1, 1e-6, 1e6, 'First coefficient of the KL penalty; only in penalty mode.'),
  targetKl: number(
    null,
    0,
    1000,
    'clip: skip the rest of an update once approxKl exceeds it; penalty: the KL aimed at.',
    {
      nullable: true,
      exclusiveMin: true,
    },
  ),
  maxGradNorm: number(0.5, 0, 1e9, 'Global norm above which a gradient is scaled down.', { exclusiveMin: true }),
  adamBeta1: number(0.9, 0, 1, "Decay of Adam's first moment.", { exclusiveMax: true }),
  adamBeta2: number(0.999, 0, 1, "Decay of Adam's second moment.", { exclusiveMax: true }),
  adamEps: number(1e-5, 0, 1, "Adam's epsilon.", { exclusiveMin: true }),
  weightDecay: number(0, 0, 10, 'Decoupled weight decay of all parameters (AdamW, Loshchilov and Hutter 2019).'),
  hidden: { type: 'sizes', default: [64, 64], min: 1, max: 4096, maxLength: 16, help: 'Widths of the hidden layers.' },
  actorHidden: sizes("Widths of the actor's hidden layers; null: hidden."),
  criticHidden: sizes("Widths of the critic's hidden layers; null: hidden."),
  sharedTrunk: boolean(false, 'Actor and critic share all hidden layers; each has an output layer of its own.'),
  activation: choice('tanh', ['tanh', 'relu', 'silu'], 'Activation of the hidden layers.'),
  hiddenGain: number(Math.SQRT2, 0, 100, 'Gain of the orthogonal first weights of the hidden layers.'),
  actorGain: number(0.01, 0, 100, "Gain of the orthogonal first weights of the actor's last layer."),
  criticGain: number(1, 0, 100, "Gain of the orthogonal first weights of the critic's last layer."),
  logStdInit: number(0, -20, 2, 'First log standard deviation of a Gaussian policy.'),
  plan: choice('auto', ['auto', 'fused', 'layered'], 'How the mathematics is split into dispatches.'),
  autotune: boolean(
    true,
    'Time the fused kernels with several numbers of threads first, on hardware. No bit depends on it.',
  ),
}

/** CleanRL's ppo.py, for any environment: the configuration whose published curves ours are compared with. */
export const PRESETS: Record<string, PpoOptions> = {
  cleanrl: {
    numEnvs: 4,
    numSteps: 128,
    numMinibatches: 4,
    updateEpochs: 4,
    totalTimesteps: 500_000,
    stopWhenSolved: false,
    learningRate: 2.5e-4,
    annealLr: true,
    clipCoef: 0.2,
    clipVloss: true,
    entCoef: 0.01,
    bootstrapTruncated: false,
  },
}
