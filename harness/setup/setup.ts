/** Options that several commands share: environment, configuration, and adapter. */

import { type PpoConfig, type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { adapterName } from '../../src/gpu/device'
import { suggest } from '../../src/options/suggest'
import type { PolicyData } from '../../src/policy/policyfile'
import { ADAPTER_CHOICES } from '../chrome/flags'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import type { Output } from '../cli/output'
import { forChrome } from '../runtime/open'
import { RUNTIMES, type RuntimeChoice, type RuntimeFacts } from '../runtime/runtime'
import { chooseEnv, ENV_FLAG, type EnvModule } from './environment'
import { OPTION_FLAGS, readOptions } from './options'
import { ENV_SET_FLAG } from './params'

/** The runtime and the adapter. */
export const RUNTIME_FLAGS: Record<string, Flag> = {
  adapter: {
    value: 'NAME',
    help: "auto (the GPU if there is one), software or hardware; with --runtime node also a part of an adapter's name, such as lavapipe.",
  },
  'list-adapters': { help: 'Instead: list what --adapter can name, and what Chrome offers.' },
  runtime: {
    value: 'NAME',
    help: 'chrome, or node: WebGPU from the npm package webgpu (dawn.node), without a browser.',
  },
}

export const CONFIG_FLAGS: Record<string, Flag> = {
  env: ENV_FLAG,
  preset: {
    value: 'NAME',
    help: "default (the environment's own, made for speed), cleanrl or paper (openai/baselines' ppo1 on MuJoCo).",
  },
  ...OPTION_FLAGS,
  'env-set': ENV_SET_FLAG,
  ...RUNTIME_FLAGS,
}

export interface Setup {
  spec: EnvSpec
  /** Where the environment is, if it is the user's own. */
  module?: EnvModule
  preset: string
  config: PpoConfig
  /** The policy that every agent begins with, if one was given. */
  policy?: FirstPolicy
}

export interface FirstPolicy {
  /** As it was given. */
  from: string
  data: PolicyData
  /** Of it alone, as a policy file. */
  bytes: Uint8Array
}

/**
 * @param fixed Options that the command sets itself; it refuses them on the command line earlier.
 * @throws ConfigError, UsageError; before any file is written or a browser started.
 */
export async function readSetup(given: Given, fixed: PpoOptions = {}): Promise<Setup> {
  const { spec, module } = await chooseEnv('--env', given.text('env') ?? 'CartPole-v1')
  const preset = given.text('preset') ?? 'default'
  const config = resolveConfig(presetOptions(spec, preset), { ...readOptions(given, spec), ...fixed }, spec)
  return { spec, module, preset, config }
}

export function readRuntime(given: Given): RuntimeChoice {
  const runtime = readChoice(given, 'runtime', RUNTIMES)
  const text = (given.text('adapter') ?? 'auto').trim()
  const kind = ADAPTER_CHOICES.find((choice) => choice === text.toLowerCase())
  if (text === '') throw new UsageError(`--adapter: empty. Use ${ADAPTER_CHOICES.join(', ')}, or a part of a name.`)
  const adapter = kind ?? { named: text }
  return { runtime, adapter: runtime === 'chrome' ? forChrome(adapter) : adapter }
}

/** One of `choices`; the first if the flag was not given. */
function readChoice<T extends string>(given: Given, flag: string, choices: readonly T[]): T {
  const text = given.text(flag) ?? choices[0]
  if ((choices as readonly string[]).includes(text)) return text as T
  throw new UsageError(
    `--${flag}: ${JSON.stringify(text)} is not one of ${choices.join(', ')}${suggest(text, choices)}.`,
  )
}

/** An integer from `min` to `max`, or `unset` if the flag was not given. */
export function readInteger(given: Given, flag: string, unset: number, min: number, max: number): number {
  const text = given.text(flag)
  if (text === undefined) return unset
  const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`--${flag}: ${JSON.stringify(text)} is not a whole number from ${min} to ${max}.`)
}

/** Warns about a software adapter: it is slow, and its numbers are not those of a GPU. */
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
