/** Turns the user's choice into a configuration, and limits what a browser tab has to compute. */

import {
  ConfigError,
  derivedSizes,
  OPTIONS,
  type PpoConfig,
  type PpoOptions,
  presetOptions,
  resolveConfig,
} from '../config/config'
import type { EnvSpec } from '../env/contract'
import { paramKind } from '../env/params'
import { layoutNetwork, networkShape, rowFlops } from '../model/network'
import type { OptionName } from '../options/options'
import { formatValue } from '../options/text'
import { environmentOf, ownOf } from './environments'
import type { RunChoice } from './protocol'

/**
 * Options on a software adapter instead of the environment's own: a network small enough to be fast and large enough to
 * learn.
 */
const SOFTWARE: PpoOptions = { hidden: [32, 32] }

/** Limits of one iteration. More would freeze the page. */
const MOST_FLOPS = { software: 4e10, hardware: 2e13 }
const MOST_DISPATCHES = 150_000
/** Parameters of one agent and of all agents: the initial weights are computed on the CPU. */
const MOST_PARAMETERS = { agent: 4e6, all: 4e7 }

/** The options of a run of `spec` before the user changes any. */
export function baseOptions(spec: EnvSpec, software: boolean, { network }: PpoOptions = {}): PpoOptions {
  const preset = presetOptions(spec, 'default')
  // A list of layers names its widths.
  const isMlp = (network ?? preset.network ?? 'mlp') === 'mlp'
  return { ...preset, ...(software && isMlp ? SOFTWARE : {}) }
}

/** @throws ConfigError for a wrong option, or a run that is too large for a page. */
export function resolveChoice(env: string, given: PpoOptions, software: boolean): RunChoice {
  const spec = environmentOf(env)
  const config = resolveConfig(baseOptions(spec, software, given), given, spec)
  checkAffordable(spec, config, software)
  return { env, config, own: ownOf(env) }
}

function checkAffordable(spec: EnvSpec, config: PpoConfig, software: boolean): void {
  const { batchSize, numUpdates } = derivedSizes(config)
  const layout = layoutNetwork(networkShape(spec, config))
  const { paramStride } = layout
  const flops = rowFlops(layout) * batchSize * config.numAgents * (1 + 3 * config.updateEpochs)
  const dispatches = config.numSteps * 8 + numUpdates * 24
  const most = MOST_FLOPS[software ? 'software' : 'hardware']
  if (paramStride > MOST_PARAMETERS.agent || paramStride * config.numAgents > MOST_PARAMETERS.all) {
    throw new ConfigError(
      `The networks would have ${paramStride * config.numAgents} parameters; this page does at most ` +
        `${MOST_PARAMETERS.agent} of one agent and ${MOST_PARAMETERS.all} of all. Use fewer agents or a smaller network.`,
    )
  }
  if (flops > most) {
    throw new ConfigError(
      `An iteration of this run would take ${flops.toPrecision(2)} operations; this page does at most ` +
        `${most.toPrecision(2)}. Use fewer agents, environments, steps or epochs, or a smaller network.`,
    )
  }
  if (dispatches > MOST_DISPATCHES) {
    throw new ConfigError(
      `An iteration of this run would take about ${dispatches} dispatches; this page does at most ${MOST_DISPATCHES}. ` +
        'Use fewer steps, epochs or minibatches.',
    )
  }
}

/** Only the options that differ from `baseOptions`. */
export function withoutDefaults(env: string, { envParams: _, ...given }: PpoOptions, software: boolean): PpoOptions {
  const base = resolveConfig(baseOptions(environmentOf(env), software), {})
  const same = (key: string) => JSON.stringify(given[key as OptionName]) === JSON.stringify(base[key as OptionName])
  return Object.fromEntries(Object.entries(given).filter(([key, value]) => value !== undefined && !same(key)))
}

/**
 * The environment's parameters that differ from their defaults, with their values in the syntax of links and inputs.
 */
export const paramTexts = ({ params = {} }: EnvSpec, { envParams = {} }: PpoOptions): [name: string, text: string][] =>
  Object.entries(envParams)
    .filter(([name, setting]) => setting !== params[name].default)
    .map(([name, setting]) => [name, formatValue(setting, paramKind(params[name]))])

/** An option's value in the syntax of links and inputs. */
export const formatOption = (key: OptionName, value: unknown): string => formatValue(value, OPTIONS[key])
