/** Commands with their options, and the fields that they print with `--json`. */
import type { Flag } from '../../../harness/cli/args'
import type { AnyFields } from '../../../harness/cli/fields'
import { COMMANDS } from '../../../harness/commands/commands'
import { code, table } from '../markdown'

export function commandTable(): string {
  const rows = COMMANDS.map(({ name, positionals, summary }) => [
    code(`npm run ${name}${positionals ? ` -- ${positionals.usage}` : ''}`),
    summary,
  ])
  return table(['command', 'what it does'], rows)
}

/** `--json [FILE]`. */
const flagText = (name: string, { value, optionalValue }: Flag): string =>
  code(`--${name}${value ? ` ${optionalValue ? `[${value}]` : value}` : ''}`)

/** Every option of every command; commands for which it means the same share a row. */
export function flagTable(): string {
  const rows = new Map<string, string[]>()
  for (const { name: command, flags } of COMMANDS) {
    for (const [name, flag] of Object.entries(flags)) {
      if (flag.refused) continue
      const key = JSON.stringify([flagText(name, flag), flag.help])
      rows.set(key, [...(rows.get(key) ?? []), command])
    }
  }
  const cells = [...rows].map(([key, of]) => {
    const [flag, help] = JSON.parse(key)
    return [flag, of.join(', '), help.replaceAll('|', '\\|')]
  })
  return table(
    ['option', 'of', 'what'],
    cells.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  )
}

/** The fields inside of a field have its name in front: `agents[].seed`. */
function fieldRows(fields: AnyFields, before: string): string[][] {
  return Object.entries(fields).flatMap(([name, { type, of, each, when, help }]) => {
    const own = before + name
    const kind = type ?? (each ? 'list of objects' : 'object')
    const inside = of ? fieldRows(of, `${own}.`) : each ? fieldRows(each, `${own}[].`) : []
    return [[code(own), kind, when ? `when ${when}` : '', help], ...inside]
  })
}

export function jsonTables(): string {
  return COMMANDS.flatMap(({ results = {} }) =>
    Object.entries(results).map(
      ([title, fields]) => `## ${title}\n\n${table(['field', 'type', 'only', 'meaning'], fieldRows(fields, ''))}`,
    ),
  ).join('\n\n')
}
