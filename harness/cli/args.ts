/** The command line: one table per command, parsed by node:util; errors and help follow from the table. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from './errors'
import type { AnyFields } from './fields'
import { commandLine } from './invocation'
import { suggestFlag } from './meant'

export interface Flag {
  /** The name of the value in the help; without it the flag takes no value. */
  value?: string
  /** May be given several times. */
  multiple?: boolean
  /** The value may be left out; the flag is then `-`. */
  optionalValue?: boolean
  /** Other commands have this option but not this one: why, and what to use. Not in the help. */
  refused?: string
  help: string
}

export interface Command {
  name: string
  summary: string
  /** Positional arguments: their usage text, and how many there may be. */
  positionals?: { usage: string; min: number; max: number }
  flags: Record<string, Flag>
  /** What `--json` prints, by what must be typed for it. */
  results?: Record<string, AnyFields>
  /** More paragraphs of the help. */
  details?: string
  /** Returns the exit code. */
  run(given: Given): Promise<number>
}

/** The arguments of the command line. */
export interface Given {
  positionals: string[]
  has(flag: string): boolean
  text(flag: string): string | undefined
  all(flag: string): string[]
}

const HELP: Flag = { help: 'Show this help.' }

/** @throws UsageError for anything that is not in the table. */
export function parseCommand(command: Command, args: string[]): Given {
  const flags: Record<string, Flag> = { ...command.flags, help: HELP }
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const [name, flag] of Object.entries(flags)) {
    options[name] = { type: takesValue(flag) ? 'string' : 'boolean', multiple: flag.multiple ?? false }
  }
  options.help.short = 'h'
  const { values, positionals } = parseStrictly(command, flags, joinValues(args, flags), options)
  const { min, max, usage } = command.positionals ?? { min: 0, max: 0, usage: '' }
  if (positionals.length > max) {
    const place = max === 0 ? 'no argument without a name' : `at most ${max}: ${usage}`
    throw usageError(command, `${JSON.stringify(positionals[max])}: ${command.name} takes ${place}.`)
  }
  if (positionals.length < min && !values.help) throw usageError(command, `${usage} is missing.`)
  return {
    positionals,
    has: (flag) => values[flag] !== undefined,
    text: (flag) => values[flag] as string | undefined,
    all: (flag) => (values[flag] as string[] | undefined) ?? [],
  }
}

const takesValue = (flag: Flag): boolean => flag.value !== undefined

function parseStrictly(
  command: Command,
  flags: Record<string, Flag>,
  args: string[],
  options: NonNullable<ParseArgsConfig['options']>,
): { values: Record<string, unknown>; positionals: string[] } {
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true })
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'option') continue
    if (!Object.hasOwn(flags, token.name)) {
      const names = Object.keys(flags).filter((name) => !flags[name].refused)
      const next = tokens[i + 1]
      const value = token.value ?? (next?.kind === 'positional' ? next.value : undefined)
      const hint = suggestFlag(token.name, value, names)
      throw usageError(command, `${token.rawName}: ${command.name} has no such option${hint}.`)
    }
    const flag = flags[token.name]
    if (flag.refused) throw usageError(command, `--${token.name}: ${flag.refused}`)
    if (takesValue(flag) && token.value === undefined) {
      throw usageError(command, `--${token.name}: its value is missing. Write --${token.name} ${flag.value}.`)
    }
    if (!takesValue(flag) && token.value !== undefined) {
      throw usageError(command, `--${token.name}: takes no value, but got ${JSON.stringify(token.value)}.`)
    }
  }
  return parseArgs({ args, options, strict: true, allowPositionals: true })
}

/** Rewrites `--seed -1`, and `--json` without a value, to the form that node:util accepts. */
function joinValues(args: string[], flags: Record<string, Flag>): string[] {
  const joined: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (arg === '--') return [...joined, ...args.slice(i)]
    const name = arg.startsWith('--') ? arg.slice(2) : ''
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
    const next = args[i + 1]
    if (flag?.optionalValue && (next === undefined || next.startsWith('-'))) {
      joined.push(`${arg}=-`)
      if (next === '-') i++
    } else if (flag && takesValue(flag) && next !== undefined && !next.startsWith('--')) {
      joined.push(`${arg}=${args[++i]}`)
    } else {
      joined.push(arg)
    }
  }
  return joined
}

const usageError = (command: Command, message: string): UsageError =>
  new UsageError(`${message} See \`${commandLine(command.name, '--help')}\`.`)

/** The help of one command. */
export function commandHelp(command: Command): string {
  const flags = Object.entries({ ...command.flags, help: HELP }).filter(([, { refused }]) => !refused)
  const left = flags.map(
    ([name, { value, optionalValue }]) => `--${name}${value ? (optionalValue ? ` [${value}]` : ` ${value}`) : ''}`,
  )
  const width = Math.max(...left.map((text) => text.length)) + 2
  const rows = flags.map(([, { help }], i) => `  ${left[i].padEnd(width)}${help}`)
  const usage = commandLine(command.name, [command.positionals?.usage, '[options]'].filter(Boolean).join(' '))
  return [command.summary, `Usage: ${usage}`, rows.join('\n'), command.details].filter(Boolean).join('\n\n')
}
