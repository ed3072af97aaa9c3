/**
 * Every option of a run: its default, its range, and what it does. The library, the command line, the GPU's
 * hyperparameter record and the README all read this one table.
 */

import type { Sweep, SweepKey } from './sweep'

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
  gamma: number
  gaeLambda: number
  bootstrapTruncated: boolean
  algorithm: 'clip' | 'penalty'
  clipCoef: number
  clipVloss: boolean
  vfClipCoef: number | null
  normAdv: boolean
  entCoef: number
  vfCoef: number
  klCoef: number
  targetKl: number | null
  maxGradNorm: number
  adamBeta1: number
  adamBeta2: number
  adamEps: number
  hidden: number[]
  activation: 'tanh' | 'relu'
  plan: 'auto' | 'fused' | 'layered'
  /** One value per agent of the options that are swept; the option itself is then agent 0's. */
  sweep: Partial<Record<SweepKey, number[]>>
}

/** What a caller may give; the rest comes from the environment's preset and the defaults. */
export type PpoOptions = {
  [K in keyof PpoConfig]?: PpoConfig[K] | (K extends SweepKey ? Sweep : never)
}

interface OptionBase<T> {
  default: T
  help: string
}
export interface NumberOption extends OptionBase<number | null> {
  type: 'integer' | 'number'
  min: number
  max: number
  /** The bounds themselves are not allowed. */
  exclusiveMin?: boolean
  exclusiveMax?: boolean
  nullable?: boolean
}
interface BooleanOption extends OptionBase<boolean> {
  type: 'boolean'
}
interface ChoiceOption extends OptionBase<string> {
  type: 'choice'
  choices: readonly string[]
}
interface SizesOption extends OptionBase<number[]> {
  type: 'sizes'
  min: number
  max: number
  maxLength: number
}
export type Option = NumberOption | BooleanOption | ChoiceOption | SizesOption

const number = (def: number | null, min: number, max: number, help: string, more: Partial<NumberOption> = {}) =>
  ({ type: 'number', default: def, min, max, help, ...more }) as NumberOption
const integer = (def: number, min: number, max: number, help: string) =>
  ({ type: 'integer', default: def, min, max, help }) as NumberOption
const boolean = (def: boolean, help: string) => ({ type: 'boolean', default: def, help }) as BooleanOption
const choice = (def: string, choices: readonly string[], help: string) =>
  ({ type: 'choice', default: def, choices, help }) as ChoiceOption

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
  gamma: number(0.99, 0, 1, 'Discount factor.'),
  gaeLambda: number(0.95, 0, 1, "GAE's lambda (Schulman et al. 2016)."),
  bootstrapTruncated: boolean(true, 'At a time limit bootstrap from V(final observation); false: treat it as an end.'),
  algorithm: choice(
    'clip',
    ['clip', 'penalty'],
    'Clipped surrogate, or KL penalty (Schulman et al. 2017, sections 3, 4).',
  ),
  clipCoef: number(0.2, 0, 100, 'Clip range of the probability ratio.', { exclusiveMin: true }),
  clipVloss: boolean(true, 'Clip the value loss around the old value.'),
  vfClipCoef: number(null, 0, 1e6, 'Clip range of the value; null: clipCoef (0.2 in penalty mode).', {
    nullable: true,
    exclusiveMin: true,
  }),
  normAdv: boolean(true, 'Normalise the advantages of each minibatch.'),
  entCoef: number(0.01, -10, 10, 'Weight of the entropy bonus.'),
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
  hidden: { type: 'sizes', default: [64, 64], min: 1, max: 4096, maxLength: 16, help: 'Widths of the hidden layers.' },
  activation: choice('tanh', ['tanh', 'relu'], 'Activation of the hidden layers.'),
  plan: choice('auto', ['auto', 'fused', 'layered'], 'How the mathematics is split into dispatches.'),
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
