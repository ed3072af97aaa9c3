/**
 * Every option of a run: its default, its range, what it does and where it comes from. The library, the command line
 * and the GPU's hyperparameter record all read this one table.
 */
import type { EnvSpec } from '../envs/env'
import { suggest } from './suggest'

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
}

/** What a caller may give; the rest comes from the environment's preset and the defaults. */
export type PpoOptions = Partial<PpoConfig>

/** Sizes that follow from a configuration. */
export interface DerivedSizes {
  /** numEnvs x numSteps: transitions of one agent in one iteration. */
  batchSize: number
  minibatchSize: number
  /** floor(totalTimesteps / batchSize). */
  numIterations: number
  /** updateEpochs x numMinibatches: optimiser steps in one iteration. */
  numUpdates: number
}

/** An option with a wrong value. The message says where, what is wrong with the value, and what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

interface OptionBase<T> {
  default: T
  help: string
}
interface NumberOption extends OptionBase<number | null> {
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

export const OPTIONS: Record<keyof PpoConfig, Option> = {
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

/** The options of a preset: an entry of PRESETS, or `default` for the environment's own. */
export function presetOptions(spec: EnvSpec, name: string): PpoOptions {
  if (name === 'default') return spec.preset
  if (Object.hasOwn(PRESETS, name)) return PRESETS[name]
  const known = ['default', ...Object.keys(PRESETS)]
  throw new ConfigError(
    `preset: there is no preset ${JSON.stringify(name)}${suggest(name, known)}. Known: ${known.join(', ')}.`,
  )
}

/** A value as the caller would write it, whatever its type: JSON has no NaN, bigint or cycle. */
function show(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

function checkNumber(path: string, value: unknown, option: Omit<NumberOption, 'default' | 'help'>): void {
  if (value === null && option.nullable) return
  const wanted = option.type === 'integer' ? 'a whole number' : 'a number'
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new ConfigError(
      `${path}: ${show(value)} is not ${wanted}. Use ${range(option)}${option.nullable ? ' or null' : ''}.`,
    )
  }
  if (option.type === 'integer' && !Number.isInteger(value)) {
    throw new ConfigError(`${path}: ${value} is not a whole number. Use ${range(option)}.`)
  }
  const low = option.exclusiveMin ? value <= option.min : value < option.min
  const high = option.exclusiveMax ? value >= option.max : value > option.max
  if (low || high) throw new ConfigError(`${path}: ${value} is out of range. Use ${range(option)}.`)
}

const range = (o: Pick<NumberOption, 'type' | 'min' | 'max' | 'exclusiveMin' | 'exclusiveMax'>): string =>
  `a ${o.type === 'integer' ? 'whole number' : 'number'} ${o.exclusiveMin ? 'above' : 'from'} ${o.min} ${o.exclusiveMax ? 'and below' : 'to'} ${o.max}`

function checkOption(path: string, value: unknown, option: Option): void {
  switch (option.type) {
    case 'integer':
    case 'number':
      checkNumber(path, value, option)
      return
    case 'boolean':
      if (typeof value !== 'boolean') throw new ConfigError(`${path}: ${show(value)} is not true or false.`)
      return
    case 'choice':
      if (typeof value !== 'string' || !option.choices.includes(value)) {
        const hint = typeof value === 'string' ? suggest(value, option.choices) : ''
        throw new ConfigError(`${path}: ${show(value)} is not one of ${option.choices.join(', ')}${hint}.`)
      }
      return
    case 'sizes': {
      const most = option.maxLength
      if (!Array.isArray(value) || value.length > most) {
        throw new ConfigError(
          `${path}: ${show(value)} is not a list of at most ${most} layer widths. Use for example [64, 64].`,
        )
      }
      // Not forEach: that leaves out the holes of a sparse array.
      for (let i = 0; i < value.length; i++) checkNumber(`${path}[${i}]`, value[i], { ...option, type: 'integer' })
    }
  }
}

/** Throws unless `key` names an option. */
export function checkOptionName(path: string, key: string): asserts key is keyof PpoConfig {
  if (Object.hasOwn(OPTIONS, key)) return
  const names = Object.keys(OPTIONS)
  throw new ConfigError(
    `${path}: there is no option ${JSON.stringify(key)}${suggest(key, names)}. Options: ${names.join(', ')}.`,
  )
}

/** Turns text from a command line into an option's value; the value itself is checked by `resolveConfig`. */
export function parseOption(key: string, text: string): unknown {
  checkOptionName(`--set ${key}`, key)
  const option = OPTIONS[key]
  if (option.type === 'choice') return text
  if (option.type === 'sizes') {
    const inner = /^\[(.*)\]$/.exec(text.trim())?.[1]
    return inner?.trim() === '' ? [] : (inner ?? text).split(/[,x]/).map(parseNumber)
  }
  if (option.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return option.nullable && (text === 'null' || text === 'none') ? null : parseNumber(text)
}

/** `1_000`, `2.5e-4`, `-1`; anything else, the empty text included, stays text and is refused later. */
function parseNumber(text: string): number | string {
  const plain = text.trim().replace(/(?<=\d)_(?=\d)/g, '')
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : text
}

/** Sizes that follow from `config`. */
export function derivedSizes(config: PpoConfig): DerivedSizes {
  const batchSize = config.numEnvs * config.numSteps
  return {
    batchSize,
    minibatchSize: Math.floor(batchSize / config.numMinibatches),
    numIterations: Math.floor(config.totalTimesteps / batchSize),
    numUpdates: config.updateEpochs * config.numMinibatches,
  }
}

/**
 * The whole configuration of a run: defaults, then the preset, then the caller's options.
 * @throws ConfigError at the first wrong option, before anything touches a GPU.
 */
export function resolveConfig(preset: PpoOptions, options: PpoOptions): PpoConfig {
  const config: Record<string, unknown> = {}
  for (const [key, option] of Object.entries(OPTIONS)) config[key] = option.default
  for (const given of [preset, options]) {
    for (const [key, value] of Object.entries(given)) {
      if (value === undefined) continue
      checkOptionName(`config.${key}`, key)
      config[key] = value
    }
  }
  for (const [key, option] of Object.entries(OPTIONS)) checkOption(`config.${key}`, config[key], option)
  const resolved = structuredClone(config) as unknown as PpoConfig
  checkTogether(resolved)
  return resolved
}

/** Rules that involve more than one option. */
function checkTogether(config: PpoConfig): void {
  const { seed, numAgents, numEnvs, numSteps, numMinibatches, totalTimesteps } = config
  const { batchSize, minibatchSize, numIterations } = derivedSizes(config)
  const sizes = `batchSize ${batchSize} (numEnvs ${numEnvs} x numSteps ${numSteps})`
  if (seed + numAgents > 2 ** 32) {
    throw new ConfigError(
      `config.seed: the last of ${numAgents} agents would have seed ${seed + numAgents - 1}, more than 32 bits hold. ` +
        `Use at most ${2 ** 32 - numAgents}.`,
    )
  }
  if (batchSize >= 2 ** 31) {
    throw new ConfigError(`config.numEnvs: ${sizes} passes 2^31 - 1. Use fewer environments or steps.`)
  }
  if (batchSize % numMinibatches !== 0) {
    const divisors: number[] = []
    for (let d = 1; d * d <= batchSize; d++) if (batchSize % d === 0) divisors.push(d, batchSize / d)
    const known = [...new Set(divisors)].sort((x, y) => x - y)
    const list = known.slice(0, 8).join(', ') + (known.length > 8 ? ', ...' : '')
    throw new ConfigError(`config.numMinibatches: ${numMinibatches} does not divide ${sizes}. Use ${list}.`)
  }
  if (minibatchSize === 1 && config.normAdv) {
    throw new ConfigError(
      `config.normAdv: a minibatch of 1 sample has no standard deviation (batchSize ${batchSize} / numMinibatches ` +
        `${numMinibatches}). Use normAdv false or fewer minibatches.`,
    )
  }
  if (numIterations < 1) {
    throw new ConfigError(
      `config.totalTimesteps: ${totalTimesteps} is less than one ${sizes}. Use at least ${batchSize}.`,
    )
  }
  // The counter of the random numbers has 32 bits for the step; the reset after the last step uses one more.
  if (numIterations * numSteps >= 2 ** 32) {
    throw new ConfigError(
      `config.totalTimesteps: ${totalTimesteps} is ${numIterations * numSteps} steps of each environment (numEnvs ${numEnvs}), ` +
        `and the random numbers repeat after ${2 ** 32}. Use more environments or at most ${(2 ** 32 - numSteps) * numEnvs}.`,
    )
  }
  if (config.algorithm === 'penalty' && config.targetKl === null) {
    throw new ConfigError('config.targetKl: penalty mode needs the KL it aims at. Set targetKl, for example 0.01.')
  }
}
