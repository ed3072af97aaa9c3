/** Turns a caller's options into a complete, valid configuration, or throws an error that says what to do. */
import type { EnvSpec } from '../env/contract'
import { checkSweep, checkValue } from '../options/check'
import { ConfigError } from '../options/errors'
import type { NumberKind } from '../options/kinds'
import { networkText } from '../options/layerspec'
import { suggestOption } from '../options/names'
import {
  isOptionName,
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  type PpoConfig,
  type PpoOptions,
  type SweepKey,
} from '../options/options'
import { PRESETS } from '../options/presets'
import { suggest } from '../options/suggest'
import { isSweepKey, looksLikeSweep } from '../options/sweep'
import { parseValue, refuseDraw } from '../options/text'
import { resolveParams } from './params'
import { checkActions, checkNetwork, checkTogether } from './rules'

export { ConfigError } from '../options/errors'
export { OPTIONS, type PpoConfig, type PpoOptions } from '../options/options'
export { PRESETS } from '../options/presets'
export { type DerivedSizes, derivedSizes } from '../options/sizes'

/** The options of a preset: an entry of PRESETS, or `default` for the environment's own. */
export function presetOptions(spec: EnvSpec, name: string): PpoOptions {
  if (name === 'default') return spec.preset ?? {}
  if (Object.hasOwn(PRESETS, name)) return PRESETS[name]
  const known = ['default', ...Object.keys(PRESETS)]
  throw new ConfigError(
    `preset: there is no preset ${JSON.stringify(name)}${suggest(name, known)}. Known: ${known.join(', ')}.`,
  )
}

/** Throws unless `key` names an option. */
export function checkOptionName(path: string, key: string): asserts key is OptionName {
  if (isOptionName(key)) return
  throw new ConfigError(
    `${path}: there is no option ${JSON.stringify(key)}${suggestOption(key)}. Options: ${OPTION_NAMES.join(', ')}.`,
  )
}

/** Turns text from a command line into an option's value; the value itself is checked by `resolveConfig`. */
export function parseOption(key: string, text: string): unknown {
  checkOptionName(`--set ${key}`, key)
  refuseDraw(`--set ${key}`, text)
  return parseValue(text, OPTIONS[key], isSweepKey(key))
}

/**
 * The complete configuration of a run: defaults, then the preset, then the caller's options. `spec` is the environment;
 * without it, what depends on the environment is not checked.
 * @throws ConfigError for the first wrong option, before any GPU call.
 */
export function resolveConfig(preset: PpoOptions | undefined, options: PpoOptions, spec?: EnvSpec): PpoConfig {
  const config: Record<string, unknown> = {}
  const sweeps = new Map<SweepKey, object>()
  for (const key of OPTION_NAMES) config[key] = OPTIONS[key].default
  const take = (key: string, value: unknown): void => {
    checkOptionName(`config.${key}`, key)
    config[key] = value
    if (isSweepKey(key)) sweeps.delete(key)
    if (isSweepKey(key) && looksLikeSweep(value)) sweeps.set(key, value)
  }
  const params: PpoOptions['envParams'] = {}
  for (const { sweep, envParams, ...given } of [preset ?? {}, options]) {
    Object.assign(params, envParams)
    for (const [key, value] of Object.entries({ ...given, ...sweep })) if (value !== undefined) take(key, value)
  }
  for (const key of OPTION_NAMES) {
    if (!sweeps.has(key as SweepKey)) checkValue(`config.${key}`, config[key], OPTIONS[key])
  }
  const sweep: Record<string, number[]> = {}
  for (const [key, given] of sweeps) {
    const kind = OPTIONS[key] as NumberKind
    sweep[key] = checkSweep(`config.${key}`, given, kind, config.numAgents as number)
    config[key] = sweep[key][0]
  }
  const envParams = resolveParams(params, config.numAgents as number, spec)
  config.network = networkText('config.network', config.network)
  const resolved = structuredClone({ ...config, envParams, sweep }) as unknown as PpoConfig
  checkTogether(resolved)
  if (spec) checkActions(resolved, spec)
  if (spec) checkNetwork(resolved, spec)
  return resolved
}
