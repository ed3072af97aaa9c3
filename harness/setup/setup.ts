/** What several commands share: the options that name an environment and a configuration, and the adapter. */

import { findEnv } from '../../envs/registry'
import {
  OPTIONS,
  type PpoConfig,
  type PpoOptions,
  parseOption,
  presetOptions,
  resolveConfig,
} from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { adapterName } from '../../src/gpu/device'
import { suggest } from '../../src/options/suggest'
import { ADAPTER_CHOICES } from '../chrome/flags'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import type { Output } from '../cli/output'
import { RUNTIMES, type RuntimeChoice, type RuntimeFacts } from '../runtime/runtime'

/** Options of the configuration that have a flag of their own. */
const OWN_FLAGS = {
  seed: 'seed',
  'total-timesteps': 'totalTimesteps',
  'num-envs': 'numEnvs',
  'num-steps': 'numSteps',
  'num-agents': 'numAgents',
} as const

/** Where the GPU's side runs, and on what. */
export const RUNTIME_FLAGS: Record<string, Flag> = {
  adapter: { value: 'KIND', help: 'auto, software or hardware. auto: the GPU where there is one.' },
  runtime: {
    value: 'NAME',
    help: 'chrome, or node: WebGPU from the npm package webgpu (dawn.node), without a browser.',
  },
}

export const CONFIG_FLAGS: Record<string, Flag> = {
  env: { value: 'ID', help: 'Environment; CartPole-v1 unless given.' },
  preset: { value: 'NAME', help: "default (the environment's own, made for speed) or cleanrl." },
  seed: { value: 'N', help: OPTIONS.seed.help },
  'total-timesteps': { value: 'N', help: OPTIONS.totalTimesteps.help },
  'num-envs': { value: 'N', help: OPTIONS.numEnvs.help },
  'num-steps': { value: 'N', help: OPTIONS.numSteps.help },
  'num-agents': { value: 'N', help: OPTIONS.numAgents.help },
  'no-autotune': { help: 'Use the recorded table of threads: --set autotune=false.' },
  set: { value: 'KEY=VALUE', multiple: true, help: 'Any option of the list below; may be given several times.' },
  ...RUNTIME_FLAGS,
}

/** Every option of the configuration that the command takes, for the help. */
export function optionList(without?: keyof typeof OPTIONS): string {
  const width = Math.max(...Object.keys(OPTIONS).map((name) => name.length)) + 2
  const taken = Object.entries(OPTIONS).filter(([name]) => name !== without)
  const rows = taken.map(([name, option]) => {
    const choices = option.type === 'choice' ? ` (${option.choices.join(', ')})` : ''
    return `  ${name.padEnd(width)}${option.help}${choices} Default: ${JSON.stringify(option.default)}.`
  })
  return `Options for --set (the environment's preset may change a default):\n${rows.join('\n')}`
}

export interface Setup {
  spec: EnvSpec
  preset: string
  config: PpoConfig
}

/**
 * @param fixed Options that the command sets itself; it refuses them on the command line before.
 * @throws ConfigError, UsageError. Touches neither files nor the browser.
 */
export function readSetup(given: Given, fixed: PpoOptions = {}): Setup {
  const spec = findEnv(given.text('env') ?? 'CartPole-v1')
  const preset = given.text('preset') ?? 'default'
  const config = resolveConfig(presetOptions(spec, preset), { ...readOptions(given), ...fixed }, spec)
  return { spec, preset, config }
}

/** The options of the configuration that were given. */
export function readOptions(given: Given): PpoOptions {
  const options: Record<string, unknown> = {}
  for (const pair of given.all('set')) {
    const at = pair.indexOf('=')
    if (at < 1)
      throw new UsageError(`--set: ${JSON.stringify(pair)} is not KEY=VALUE, such as --set learningRate=1e-3.`)
    const key = pair.slice(0, at)
    const value = parseOption(key, pair.slice(at + 1))
    if (Object.hasOwn(options, key)) throw new UsageError(`--set ${key}: given twice.`)
    options[key] = value
  }
  for (const [flag, key] of Object.entries(OWN_FLAGS)) {
    const text = given.text(flag)
    if (text === undefined) continue
    if (Object.hasOwn(options, key)) throw new UsageError(`--${flag} and --set ${key}: the same option twice.`)
    options[key] = parseOption(key, text)
  }
  if (given.has('no-autotune')) {
    if (Object.hasOwn(options, 'autotune'))
      throw new UsageError('--no-autotune and --set autotune: the same option twice.')
    options.autotune = false
  }
  return options
}

export const readRuntime = (given: Given): RuntimeChoice => ({
  adapter: readChoice(given, 'adapter', ADAPTER_CHOICES),
  runtime: readChoice(given, 'runtime', RUNTIMES),
})

/** One of `choices`; the first when the flag was not given. */
function readChoice<T extends string>(given: Given, flag: string, choices: readonly T[]): T {
  const text = given.text(flag) ?? choices[0]
  if ((choices as readonly string[]).includes(text)) return text as T
  throw new UsageError(
    `--${flag}: ${JSON.stringify(text)} is not one of ${choices.join(', ')}${suggest(text, choices)}.`,
  )
}

/** A whole number from `min` to `max`, or `unset` when the flag was not given. */
export function readInteger(given: Given, flag: string, unset: number, min: number, max: number): number {
  const text = given.text(flag)
  if (text === undefined) return unset
  const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`--${flag}: ${JSON.stringify(text)} is not a whole number from ${min} to ${max}.`)
}

/** A software adapter is slow, and its numbers are not a GPU's: nobody should find out afterwards. */
export function announceAdapter(output: Output, facts: RuntimeFacts): void {
  if (facts.software) {
    const host = facts.runtime === 'node' ? 'Node' : 'Chrome'
    output.warn(
      `WARNING: no GPU in use. ${host} runs WebGPU on the CPU with its software adapter: ${adapterName(facts)}.`,
    )
  } else {
    output.say(`GPU: ${adapterName(facts)}`)
  }
}
