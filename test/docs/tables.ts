/** Tables of the documents that are made from the code. `npm run tables` writes them, test/unit/docs.test.ts holds them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { ENVS } from '../../envs/registry'
import { rangeText } from '../../src/options/kinds'
import { OPTION_NAMES, OPTIONS, type OptionName } from '../../src/options/options'
import { PRESETS } from '../../src/options/presets'
import { describe, type Implication } from '../../src/options/row'
import { bufferRows, dispatchRows } from './plans'

const code = (text: string): string => `\`${text}\``

/** A table with all columns as wide as their widest cell. */
function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((cells) => cells[i].length)))
  const line = (cells: string[], fill = ' ') =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i], fill)).join(' | ')} |`
  return [head, head.map(() => ''), ...rows].map((cells, i) => line(cells, i === 1 ? '-' : ' ')).join('\n')
}

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

function optionTables(): string {
  const groups = [...new Set(OPTION_NAMES.map((name) => OPTIONS[name].group))]
  const head = ['option', 'default', 'range', 'unit', 'per agent', 'live', 'meaning', 'elsewhere also called']
  const under = (group: string) => OPTION_NAMES.filter((name) => OPTIONS[name].group === group).map(row)
  return groups.map((group) => `### ${group}\n\n${table(head, under(group))}`).join('\n\n')
}

function presetTable(): string {
  const named = new Map<string, string[]>()
  const presets = [...ENVS.map(({ id, preset }) => [id, preset] as const), ...Object.entries(PRESETS)]
  for (const [name, preset] of presets) {
    const settings = Object.entries(preset).map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    named.set(settings.join(', '), [...(named.get(settings.join(', ')) ?? []), code(name)])
  }
  const rows = [...named].map(([settings, names]) => [names.join(', '), settings])
  return table(['preset', 'settings'], rows)
}

const TABLES: Record<string, () => string> = {
  options: optionTables,
  presets: presetTable,
  buffers: () => table(['buffer', 'type and shape', 'written by', 'only read by'], bufferRows()),
  dispatches: () =>
    table(['configuration', 'sizes', 'plan', 'rollout', 'gae', 'measure', 'update', 'control', 'all'], dispatchRows()),
}
/** The documents with such tables, from the root of the repository. */
export const WITH_TABLES = ['docs/options.md', 'ARCHITECTURE.md', 'shaders/README.md']

/** `text` with its tables as they should be: each between `<!-- table NAME -->` and `<!-- end -->`. */
export function withTables(text: string): string {
  return text.replace(/(<!-- table (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin, name, end) => {
    if (!Object.hasOwn(TABLES, name)) throw new Error(`<!-- table ${name} -->: there is no such table`)
    return `${begin}\n${TABLES[name]()}\n\n${end}`
  })
}

export function writeTables(): void {
  for (const path of WITH_TABLES) {
    const file = new URL(`../../${path}`, import.meta.url)
    writeFileSync(file, withTables(readFileSync(file, 'utf8')))
  }
}
