/** From what a caller gives to a configuration that is whole and right, or an error that says what to do. */
import type { EnvSpec } from '../envs/env'
import {
  ADAPTIVE_LR,
  type NumberOption,
  OPTIONS,
  type Option,
  type OptionName,
  type PpoConfig,
  type PpoOptions,
  PRESETS,
} from './options'
import { suggest } from './suggest'
import { expandSweep, isSweepKey, looksLikeSweep, parseSweep, type SweepKey } from './sweep'

export { OPTIONS, type PpoConfig, type PpoOptions, PRESETS } from './options'

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
      if (value === null && option.nullable) return
      const most = option.maxLength
      if (!Array.isArray(value) || value.length > most) {
        throw new ConfigError(
          `${path}: ${show(value)} is not a list of at most ${most} layer widths. Use for example [64, 64].`,
        )
      }
      // Not forEach: that leaves out the holes of a sparse array.
      for (let i = 0; i < value.length; i++)
        checkNumber(`${path}[${i}]`, value[i], { ...option, type: 'integer', nullable: false })
    }
  }
}

/** Throws unless `key` names an option. */
export function checkOptionName(path: string, key: string): asserts key is OptionName {
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
    if (option.nullable && (text === 'null' || text === 'none')) return null
    const inner = /^\[(.*)\]$/.exec(text.trim())?.[1]
    return inner?.trim() === '' ? [] : (inner ?? text).split(/[,x]/).map(parseNumber)
  }
  if (option.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  const sweep = isSweepKey(key) ? parseSweep(text, parseNumber) : undefined
  if (sweep !== undefined) return sweep
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
 * The whole configuration of a run: defaults, then the preset, then the caller's options. `spec` is the environment that it
 * is for; without it, what depends on the environment is not checked.
 * @throws ConfigError at the first wrong option, before anything touches a GPU.
 */
export function resolveConfig(preset: PpoOptions, options: PpoOptions, spec?: EnvSpec): PpoConfig {
  const config: Record<string, unknown> = {}
  const sweeps = new Map<SweepKey, object>()
  for (const [key, option] of Object.entries(OPTIONS)) config[key] = option.default
  const take = (key: string, value: unknown): void => {
    checkOptionName(`config.${key}`, key)
    config[key] = value
    if (isSweepKey(key)) sweeps.delete(key)
    if (isSweepKey(key) && looksLikeSweep(value)) sweeps.set(key, value)
  }
  for (const { sweep, ...given } of [preset, options]) {
    for (const [key, value] of Object.entries({ ...given, ...sweep })) if (value !== undefined) take(key, value)
  }
  for (const [key, option] of Object.entries(OPTIONS)) {
    if (!sweeps.has(key as SweepKey)) checkOption(`config.${key}`, config[key], option)
  }
  const sweep: Record<string, number[]> = {}
  for (const [key, given] of sweeps) {
    sweep[key] = checkedSweep(key, given, config.numAgents as number)
    config[key] = sweep[key][0]
  }
  const resolved = structuredClone({ ...config, sweep }) as unknown as PpoConfig
  checkTogether(resolved)
  if (spec) checkActions(resolved, spec)
  return resolved
}

/** One checked value per agent. */
function checkedSweep(key: SweepKey, given: object, numAgents: number): number[] {
  let values: unknown[]
  try {
    values = expandSweep(given, numAgents)
  } catch (error) {
    throw new ConfigError(`config.${key}: ${show(given)} ${(error as Error).message}.`)
  }
  values.forEach((value, k) => {
    checkNumber(`config.${key}[${k}]`, value, { ...(OPTIONS[key] as NumberOption), nullable: false })
  })
  return values as number[]
}

/** Rules that involve more than one option. */
function checkTogether(config: PpoConfig): void {
  const { seed, numAgents, numEnvs, numSteps, numMinibatches, totalTimesteps } = config
  const { batchSize, minibatchSize, numIterations } = derivedSizes(config)
  const sizes = `batchSize ${batchSize} (numEnvs ${numEnvs} x numSteps ${numSteps})`
  if (!config.sweep.seed && seed + numAgents > 2 ** 32) {
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
    const list = known.slice(0, 8).join(', ') + (known.length > 8 ? ', ...' : '.')
    throw new ConfigError(`config.numMinibatches: ${numMinibatches} does not divide ${sizes}. Use ${list}`)
  }
  if (minibatchSize === 1 && config.normAdv && config.normAdvOver === 'minibatch') {
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
  checkContradictions(config, batchSize)
}

/** Options that make no sense together. */
function checkContradictions(config: PpoConfig, batchSize: number): void {
  const { algorithm, adaptiveLr, normAdv, normAdvOver } = config
  const rule = (broken: boolean, message: string): void => {
    if (broken) throw new ConfigError(`config.${message}`)
  }
  const penalty = algorithm === 'penalty'
  rule(
    penalty && config.targetKl === null,
    'targetKl: penalty mode needs the KL it aims at. Set targetKl, for example 0.01.',
  )
  rule(penalty && config.annealClipCoef, 'annealClipCoef: penalty mode has no clip range. Set annealClipCoef false.')
  rule(penalty && config.dualClip !== null, 'dualClip: penalty mode does not clip. Set dualClip null.')
  rule(
    normAdv && normAdvOver === 'batch' && batchSize === 1,
    'normAdv: a batch of 1 sample has no standard deviation. Use normAdv false or more steps.',
  )
  rule(
    !normAdv && normAdvOver === 'batch',
    'normAdvOver: "batch" says how normAdv normalises, and normAdv is false. Set normAdv true or normAdvOver "minibatch".',
  )
  rule(
    adaptiveLr && config.annealLr,
    'annealLr: the learning rate cannot be annealed and adaptive at once. Set annealLr false or adaptiveLr false.',
  )
  rule(
    adaptiveLr && config.desiredKl === null,
    'desiredKl: adaptiveLr needs the KL it aims at. Set desiredKl, for example 0.01.',
  )
  rule(
    !adaptiveLr && config.desiredKl !== null,
    'desiredKl: only adaptiveLr aims at it. Set adaptiveLr true and annealLr false, or desiredKl null.',
  )
  const widths = [config.actorHidden ?? config.hidden, config.criticHidden ?? config.hidden].map((w) => `[${w}]`)
  rule(
    config.sharedTrunk && widths[0] !== widths[1],
    `sharedTrunk: actor and critic cannot share hidden layers of ${widths[0]} and ${widths[1]}. Set hidden, and ` +
      'actorHidden and criticHidden null, or sharedTrunk false.',
  )
  rule(
    config.sharedTrunk && widths[0] === '[]',
    'sharedTrunk: without hidden layers there is nothing to share. Set hidden, for example [64, 64], or sharedTrunk false.',
  )
  const rates = config.sweep.learningRate ?? [config.learningRate]
  const outside = adaptiveLr ? rates.find((rate) => rate < ADAPTIVE_LR.min || rate > ADAPTIVE_LR.max) : undefined
  rule(
    outside !== undefined,
    `learningRate: ${outside} lies outside of what adaptiveLr keeps to. Use a number from ${ADAPTIVE_LR.min} to ${ADAPTIVE_LR.max}.`,
  )
}

/** What the environment's actions must be, and what may be asked for with them. */
function checkActions(config: PpoConfig, { id, actionSpace }: EnvSpec): void {
  if (actionSpace.kind === 'discrete') {
    const given = [config.logStdInit, ...(config.sweep.logStdInit ?? [])].find((value) => value !== 0)
    if (given === undefined) return
    throw new ConfigError(
      `config.logStdInit: ${given}, but the actions of ${id} are discrete and have no standard deviation. Leave it out.`,
    )
  }
  const { low, high } = actionSpace
  for (const [name, bounds] of Object.entries({ low, high })) {
    const bad = bounds.findIndex((bound) => !Number.isFinite(bound))
    if (bad < 0) continue
    throw new ConfigError(
      `env ${id}: actionSpace.${name}[${bad}]: ${bounds[bad]} is not finite. Use the largest action that makes sense there.`,
    )
  }
  if (low.length !== high.length || low.some((bound, i) => bound >= high[i])) {
    throw new ConfigError(`env ${id}: actionSpace: low [${low}] is not below high [${high}] in every dimension.`)
  }
}
