/** Options and presets. */
import { ENVS } from '../../../envs/registry'
import { FORMS } from '../../../src/options/forms'
import { rangeText } from '../../../src/options/kinds'
import { OPTION_NAMES, OPTIONS, type OptionName } from '../../../src/options/options'
import { PRESETS } from '../../../src/options/presets'
import { describe, type Implication } from '../../../src/options/row'
import { code, table } from '../markdown'

const stateText = (state: boolean | string): string => (state === 'not null' ? state : code(JSON.stringify(state)))
function needText({ when, needs }: Implication): string {
  const [[option, is]] = Object.entries(needs)
  return `${stateText(when)}: needs ${code(option)} ${stateText(is)}.`
}

function row(name: OptionName): string[] {
  const option = OPTIONS[name]
  const { unit = '', sweepable, live, aka = [], implies = [], only } = option
  const needs = only && 'algorithm' in only ? [] : implies // that is said already
  const range = rangeText(option).replace(/\bnull\b/, code('null'))
  const words = option.type === 'boolean' || option.type === 'choice' ? range.split(', ').map(code).join(', ') : range
  return [
    code(name),
    code(JSON.stringify(option.default)),
    words,
    unit,
    sweepable ? 'yes' : '',
    live ? 'yes' : '',
    [describe(option), ...needs.map(needText)].join(' '),
    aka.map(code).join(', '),
  ]
}

export function optionTables(): string {
  const groups = [...new Set(OPTION_NAMES.map((name) => OPTIONS[name].group))]
  const head = ['option', 'default', 'range', 'unit', 'per agent', 'live', 'meaning', 'elsewhere also called']
  const under = (group: string) => OPTION_NAMES.filter((name) => OPTIONS[name].group === group).map(row)
  return groups.map((group) => `### ${group}\n\n${table(head, under(group))}`).join('\n\n')
}

export function presetTable(): string {
  const named = new Map<string, string[]>()
  const presets = [...ENVS.map(({ id, preset = {} }) => [id, preset] as const), ...Object.entries(PRESETS)]
  for (const [name, preset] of presets) {
    const settings = Object.entries(preset).map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    named.set(settings.join(', '), [...(named.get(settings.join(', ')) ?? []), code(name)])
  }
  const rows = [...named].map(([settings, names]) => [names.join(', '), settings])
  return table(['preset', 'settings'], rows)
}

/** The forms of options that a sweep searches. */
export const sweepFormTable = (): string =>
  table(
    ['form', 'kind', 'what'],
    Object.values(FORMS).map(({ signature, kind, help }) => [code(signature), kind, help]),
  )
