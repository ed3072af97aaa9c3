/** From what a caller gives to a configuration that is whole and right, or an error that says what to do. */
import type { EnvSpec } from '../env/contract'
import { ConfigError } from '../options/errors'
import {
  type NumberOption,
  OPTIONS,
  type Option,
  type OptionName,
  type PpoConfig,
  type PpoOptions,
  PRESETS,
  type SweepKey,
} from '../options/options'
import { suggest } from '../options/suggest'
import { expandSweep, isSweepKey, looksLikeSweep, parseSweep } from '../options/sweep'
import { checkActions, checkTogether } from './rules'

export { ConfigError } from '../options/errors'
export { OPTIONS, type PpoConfig, type PpoOptions, PRESETS } from '../options/options'
export { type DerivedSizes, derivedSizes } from '../options/sizes'

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
