/**
 * Repeated lines of WGSL: a compiler that does not unroll loops, and has to know an index when it compiles, gets the text
 * unrolled. `//#repeat $k < 4` up to its `//#end` stands for the lines between them four times, with `0` to `3` in place of
 * `$k`; `//#repeat $l < 3 backwards` counts down. The limit is a sum or difference of numbers, of names that a slot gives
 * numbers to, and of their entries: `IN_QUADS[$n][$l]`, `LAYERS[$n] - 1`. `//#repeat $i in ANCESTORS[$j]` takes the numbers
 * of a list, which may be empty. `//#if HINGE[$j]` up to its `//#end` stands for its lines unless the value is 0.
 * Repetitions nest; a limit of 0 leaves out the lines.
 */
import type { Numbers } from '../wgsl/numbers'

/** Lines of a module, with the line of the author, from 1, that each came from. */
export interface Expanded {
  lines: string[]
  from: number[]
}

/** A directive that cannot be read, and the author's line of it. */
export class RepeatError extends Error {
  override name = 'RepeatError'

  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message)
  }
}

/** The longest text that is made: compilers take minutes over more. */
const MOST_CHARS = 2 << 20

const DIRECTIVE = /^\s*\/\/#(repeat|if|end)\b(.*)$/
const REPEAT = /^\s+(\$[a-z]\w*)(?:\s*(<)\s*|\s+in\s+)(.*?)(\s+backwards)?\s*$/

/** @throws RepeatError for a directive that cannot be read, one without its end, and a text that would be too long. */
export function expandRepeats(lines: readonly string[], numbers: ReadonlyMap<string, Numbers>): Expanded {
  if (!lines.some((line) => DIRECTIVE.test(line))) return { lines: [...lines], from: lines.map((_, i) => i + 1) }
  const out: Expanded = { lines: [], from: [] }
  let chars = 0

  /** Writes lines [first, end) with `bound` put in place. */
  const write = (first: number, end: number, bound: [string, number][]): void => {
    for (let i = first; i < end; i++) {
      const directive = DIRECTIVE.exec(lines[i])
      if (!directive) {
        const line = substitute(lines[i], bound)
        chars += line.length + 1
        if (chars > MOST_CHARS)
          throw new RepeatError(`the repeated lines are longer than ${MOST_CHARS} characters`, i + 1)
        out.lines.push(line)
        out.from.push(i + 1)
        continue
      }
      if (directive[1] === 'end') throw new RepeatError('//#end without a //#repeat before it', i + 1)
      const last = endOf(lines, i)
      if (directive[1] === 'if') {
        if (evaluate(substitute(directive[2].trim(), bound), numbers, i + 1) !== 0) write(i + 1, last, bound)
        i = last
        continue
      }
      const match = REPEAT.exec(directive[2])
      if (!match) {
        const forms = 'Write //#repeat $name < limit, or //#repeat $name in LIST'
        throw new RepeatError(`cannot read ${lines[i].trim()}. ${forms}`, i + 1)
      }
      const [, name, counts, given, backwards] = match
      const text = substitute(given, bound)
      const values = counts ? range(evaluate(text, numbers, i + 1)) : listed(text, numbers, i + 1)
      for (const k of backwards ? values.toReversed() : values) write(i + 1, last, [...bound, [name, k]])
      i = last
    }
  }
  write(0, lines.length, [])
  return out
}

/** The line with numbers for the names that are bound; `$k` leaves `$kind` alone. */
function substitute(line: string, bound: [string, number][]): string {
  if (!line.includes('$')) return line
  return line.replace(/\$[a-z]\w*/g, (name) => {
    const known = bound.findLast(([n]) => n === name)
    return known ? `${known[1]}` : name
  })
}

/** The line of the `//#end` that belongs to the `//#repeat` in line `start`. */
function endOf(lines: readonly string[], start: number): number {
  let depth = 0
  for (let i = start; i < lines.length; i++) {
    const directive = DIRECTIVE.exec(lines[i])
    if (directive) depth += directive[1] === 'end' ? -1 : 1
    if (directive && depth === 0) return i
  }
  throw new RepeatError(`${lines[start].trim()} has no //#end`, start + 1)
}

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k)

/** The numbers of a list: a name with as many indices as lead to it. */
function listed(text: string, numbers: ReadonlyMap<string, Numbers>, line: number): readonly number[] {
  const value = read(text, numbers, line, 'list')
  const isList = typeof value !== 'number' && value.every((entry) => typeof entry === 'number')
  if (!isList) throw new RepeatError(`the list ${JSON.stringify(text)} is not a list of numbers`, line)
  return value as readonly number[]
}

/** The value of a limit, which is at least 0. */
function evaluate(text: string, numbers: ReadonlyMap<string, Numbers>, line: number): number {
  const value = read(text, numbers, line, 'limit') as number
  if (value < 0) throw new RepeatError(`the limit ${JSON.stringify(text)} is ${value}; it must be at least 0`, line)
  return value
}

/** The value of a text: terms joined by + and -, each a number or a name with indices; a single one may be a list. */
function read(text: string, numbers: ReadonlyMap<string, Numbers>, line: number, what: 'limit' | 'list'): Numbers {
  const fail = (why: string): never => {
    throw new RepeatError(`the ${what} ${JSON.stringify(text)} ${why}`, line)
  }
  const tokens = text.match(/\d+|[A-Za-z_]\w*|\S/g) ?? []
  let at = 0
  const term = (): Numbers => {
    const token = tokens[at++]
    if (/^\d/.test(token)) return Number(token)
    let value = numbers.get(token)
    if (value === undefined)
      fail(`has ${token ?? 'nothing'} where a number belongs. Known: ${[...numbers.keys()].join(', ')}`)
    while (tokens[at] === '[') {
      at++
      const index = sum()
      if (tokens[at++] !== ']') fail('has a [ without its ]')
      value = typeof value === 'number' ? undefined : value?.[index]
    }
    if (typeof value === 'number' || (what === 'list' && value !== undefined)) return value
    return fail(`has ${token} in it with the wrong number of indices, or one too large`)
  }
  const single = (): number => {
    const value = term()
    return typeof value === 'number' ? value : fail('is not a number')
  }
  const sum = (): number => {
    let value = single()
    while (tokens[at] === '+' || tokens[at] === '-') value += tokens[at++] === '+' ? single() : -single()
    return value
  }
  const value = what === 'list' ? term() : sum()
  return at < tokens.length ? fail(`cannot be read from ${JSON.stringify(tokens[at])} on`) : value
}
