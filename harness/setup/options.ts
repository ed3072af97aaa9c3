/** The options of a run on the command line, from their table: flags, help, and given values. */
import { type PpoOptions, parseOption } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { isNumberKind, rangeText } from '../../src/options/kinds'
import { FLAGGED, OPTION_NAMES, OPTIONS, type OptionName } from '../../src/options/options'
import { describe } from '../../src/options/row'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { flagOf } from '../cli/meant'
import { readPairs } from '../cli/pairs'
import { readEnvParams } from './params'

export const OPTION_FLAGS: Record<string, Flag> = {
  ...Object.fromEntries(FLAGGED.map((name) => [flagOf(name), { value: 'N', help: OPTIONS[name].help }])),
  'no-autotune': { help: 'Use the recorded table of threads: --set autotune=false.' },
  set: { value: 'KEY=VALUE', multiple: true, help: 'Any option of the list below; may be given several times.' },
}

/** Every option of the command, for its help. */
export function optionList(without?: OptionName): string {
  const width = Math.max(...OPTION_NAMES.map((name) => name.length)) + 2
  const groups = [...new Set(OPTION_NAMES.map((name) => OPTIONS[name].group))]
  const row = (name: OptionName) => `  ${name.padEnd(width)}${describe(OPTIONS[name])} ${defaultText(name)}`
  const lists = groups.map((group) => {
    const names = OPTION_NAMES.filter((name) => OPTIONS[name].group === group && name !== without)
    return `${group}\n${names.map(row).join('\n')}`
  })
  return `Options for --set (the environment's preset may change a default):\n\n${lists.join('\n\n')}`
}

/** `Default: 32, of 1 to 1048576.` */
function defaultText(name: OptionName): string {
  const option = OPTIONS[name]
  const among =
    isNumberKind(option) || option.type === 'choice' || option.type === 'layers' ? `, of ${rangeText(option)}` : ''
  return `Default: ${JSON.stringify(option.default)}${among}.`
}

/** The given options, with the parameters of the environment. */
export function readOptions(given: Given, spec: EnvSpec): PpoOptions {
  const options: Record<string, unknown> = {}
  for (const [key, text] of readPairs('set', given.all('set'), 'learningRate=1e-3')) {
    options[key] = parseOption(key, text)
  }
  for (const key of FLAGGED) {
    const flag = flagOf(key)
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
  const envParams = readEnvParams(given, spec)
  return Object.keys(envParams).length > 0 ? { ...options, envParams } : options
}
