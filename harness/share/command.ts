/** The command that trains such a policy again. */
import { basename } from 'node:path'
import { presetOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { OPTIONS, type PpoOptions } from '../../src/options/options'
import { formatValue } from '../../src/options/text'
import type { PolicyData } from '../../src/policy/policyfile'
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

/** A word for a shell. */
const word = (text: string): string => (/^[\w./:=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/**
 * `npm run train -- --env CartPole-v1 --seed 1 ...`; null where the file does not say how it was trained.
 * @param file The module of the environment, if it is a user's own.
 */
export function trainCommand(policy: PolicyData, spec: EnvSpec, file: string | null): string | null {
  const { config, seed } = policy.origin ?? {}
  if (!config || seed == null) return null
  const options = config as Record<string, unknown>
  const usual = resolveConfig(presetOptions(spec, 'default'), {}, spec) as unknown as Record<string, unknown>
  const words = ['--env', file ?? spec.id, '--seed', `${seed}`]
  for (const [name, kind] of Object.entries(OPTIONS)) {
    const value = options[name]
    if (value === undefined || LEFT_OUT.includes(name)) continue
    if (JSON.stringify(value) === JSON.stringify(usual[name])) continue
    words.push('--set', `${name}=${formatValue(value, kind)}`)
  }
  const params = Object.entries((config as PpoOptions).envParams ?? {})
  for (const [name, value] of params) {
    if (spec.params && JSON.stringify(value) === JSON.stringify(spec.params[name]?.default)) continue
    if (typeof value === 'object') continue
    words.push('--env-set', `${name}=${value}`)
  }
  if (policy.origin?.adapter?.startsWith(REFERENCE)) words.push('--reference')
  return `npm run train -- ${words.map(word).join(' ')}`
}
