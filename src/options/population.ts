/** Agents of one shape as one population: the inverse of `agentConfig`. */
import { ConfigError } from './errors'
import { OPTION_NAMES, type PpoConfig, type SweepKey } from './options'
import type { ParamSetting, ParamValue } from './params'
import { isSweepKey } from './sweep'

const isPlain = (setting: ParamSetting): setting is ParamValue => typeof setting !== 'object'

/** What agents of one population may differ in; the rest of their configurations is equal. */
const mayDiffer = (key: string, value: unknown): boolean => isSweepKey(key) && typeof value === 'number'

/** Equal for the configurations of single agents that `joinAgents` takes together. */
export function populationKey(config: PpoConfig): string {
  const shared = OPTION_NAMES.map((key) => [key, mayDiffer(key, config[key]) ? 'own' : config[key]])
  const params = Object.entries(config.envParams).map(([name, value]) => [name, isPlain(value) ? 'own' : value])
  return JSON.stringify([shared, params])
}

/**
 * The configuration of a population of `configs`, each of one agent; `agentConfig` gives them back. Seeds are always
 * swept, other options and parameters of the environment where they differ.
 * @throws ConfigError if another option differs: its value shapes the population.
 */
export function joinAgents(configs: readonly PpoConfig[]): PpoConfig {
  const [first] = configs
  if (configs.length === 1) return first
  const sweep: Partial<Record<SweepKey, number[]>> = {}
  for (const key of OPTION_NAMES) {
    const values = configs.map((config) => config[key])
    if (key !== 'seed' && areEqual(values)) continue
    refuseUnless(
      values.every((value) => mayDiffer(key, value)),
      key,
      values,
    )
    sweep[key as SweepKey] = values as number[]
  }
  const envParams = Object.fromEntries(
    Object.keys(first.envParams).map((name) => {
      const values = configs.map((config) => config.envParams[name])
      if (areEqual(values)) return [name, values[0]]
      refuseUnless(values.every(isPlain), `envParams.${name}`, values)
      return [name, values as ParamValue[]]
    }),
  )
  return { ...first, numAgents: configs.length, sweep, envParams }
}

const areEqual = (values: unknown[]): boolean => new Set(values.map((value) => JSON.stringify(value))).size === 1

function refuseUnless(right: boolean, key: string, values: unknown[]): void {
  if (right) return
  const own = [...new Set(values.map((value) => JSON.stringify(value)))].slice(0, 4).join(', ')
  throw new ConfigError(`config.${key}: agents with ${own} cannot be one population. Train them apart.`)
}
