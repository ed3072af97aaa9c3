/** The command that trains such a policy again. */
import { basename } from 'node:path'
import { presetOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { OPTIONS, type PpoOptions } from '../../src/options/options'
import { type ParamSetting, type ParamSettings, settingText } from '../../src/options/params'
import { formatValue } from '../../src/options/text'
import type { PolicyData } from '../../src/policy/policyfile'
import { quoted } from '../cli/invocation'
import { readRunJson } from '../rundir/rundir'
import { moduleText, splitModule } from '../setup/environment'

/** What trained a policy with `--reference`: the name of its adapter begins so (harness/training/machine.ts). */
const REFERENCE = 'CPU reference'

/** What is said in another way, or does not change the weights. */
const LEFT_OUT = ['seed', 'numAgents', 'sweep', 'envParams', 'autotune', 'plan']

/** A module as the card names it: without the folders that it is in on this machine. */
export function shownModule(text: string): string {
  const { file, name } = splitModule(text)!
  return moduleText({ file: `./${basename(file)}`, name })
}

/** The parameters of the environment that it was trained with, as far as they are not the defaults: `gravity=uniform(5,15)`. */
export function changedSettings({ origin }: PolicyData, { params }: EnvSpec): string[] {
  // Those of one agent: the sweep of a population is resolved.
  const settings = Object.entries(((origin?.config as PpoOptions | undefined)?.envParams ?? {}) as ParamSettings)
  const isDefault = (name: string, setting: ParamSetting) =>
    params !== undefined && Object.hasOwn(params, name) && params[name].default === setting
  return settings
    .filter(([name, setting]) => !isDefault(name, setting))
    .map(([name, setting]) => `${name}=${settingText(setting)}`)
}

/** What a policy was trained from, as far as the folder of its run says it. */
export interface Beginning {
  /** The name of the file that `--policy` named. */
  policy: string | null
  /** Whether the run went on beyond its first end, by `--resume`. */
  isExtended: boolean
}

/** @param folder Of the policy. */
export function beginningOf(folder: string): Beginning {
  const { policy, resumed } = readRunJson(folder, 'facts')
  const { from } = (policy ?? {}) as { from?: unknown }
  const sessions = (Array.isArray(resumed) ? resumed : []) as ({ command?: unknown } | null)[]
  return {
    policy: typeof from === 'string' ? basename(from) : null,
    isExtended: sessions.some((session) => `${session?.command}`.includes('--total-timesteps')),
  }
}

/**
 * `npm run train -- --env CartPole-v1 --seed 1 ...`; null where the file does not say how it was trained.
 * @param file The module of the environment, if it is a user's own.
 * @param from The file of `--policy`, if it did not begin with weights of its own.
 */
export function trainCommand(
  policy: PolicyData,
  spec: EnvSpec,
  file: string | null,
  from: string | null = null,
): string | null {
  const { config, seed } = policy.origin ?? {}
  if (!config || seed == null) return null
  const options = config as Record<string, unknown>
  const usual = resolveConfig(presetOptions(spec, 'default'), {}, spec) as unknown as Record<string, unknown>
  const words = ['--env', file ?? spec.id, '--seed', `${seed}`, ...(from === null ? [] : ['--policy', `./${from}`])]
  for (const [name, kind] of Object.entries(OPTIONS)) {
    const value = options[name]
    if (value === undefined || LEFT_OUT.includes(name)) continue
    if (JSON.stringify(value) === JSON.stringify(usual[name])) continue
    words.push('--set', `${name}=${formatValue(value, kind)}`)
  }
  for (const setting of changedSettings(policy, spec)) words.push('--env-set', setting)
  if (policy.origin?.adapter?.startsWith(REFERENCE)) words.push('--reference')
  return `npm run train -- ${words.map(quoted).join(' ')}`
}
