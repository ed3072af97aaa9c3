/**
 * Repeated lines of WGSL: a compiler that does not unroll loops, and has to know an index when it compiles, gets the text
 * unrolled. `//#repeat $k < 4` up to its `//#end` stands for the lines between them four times, with `0` to `3` in place of
 * `$k`; `//#repeat $l < 3 backwards` counts down. The limit is a sum or difference of numbers, of names that a slot gives
 * numbers to, and of their entries: `IN_QUADS[$n][$l]`, `LAYERS[$n] - 1`. Repetitions nest; a limit of 0 leaves out the lines.
 */

/** A number, or a list of them, or of lists: WGSL's arrays of arrays. */
export type Numbers = number | readonly Numbers[]

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

const DIRECTIVE = /^\s*\/\/#(repeat|end)\b(.*)$/
const REPEAT = /^\s+(\$[a-z]\w*)\s*<\s*(.*?)(\s+backwards)?\s*$/

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
      const match = REPEAT.exec(directive[2])
      if (!match) throw new RepeatError(`cannot read ${lines[i].trim()}. Write //#repeat $name < limit`, i + 1)
      const [, name, limit, backwards] = match
      const count = evaluate(substitute(limit, bound), numbers, i + 1)
      for (let k = 0; k < count; k++) write(i + 1, last, [...bound, [name, backwards ? count - 1 - k : k]])
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
    if (directive) depth += directive[1] === 'repeat' ? 1 : -1
    if (directive && depth === 0) return i
  }
  throw new RepeatError(`${lines[start].trim()} has no //#end`, start + 1)
}

/** The value of a limit: terms joined by + and -, each a number or a name with indices, which are limits themselves. */
function evaluate(text: string, numbers: ReadonlyMap<string, Numbers>, line: number): number {
  const fail = (why: string): never => {
    throw new RepeatError(`the limit ${JSON.stringify(text)} ${why}`, line)
  }
  const tokens = text.match(/\d+|[A-Za-z_]\w*|\S/g) ?? []
  let at = 0
  const term = (): number => {
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
    return typeof value === 'number'
      ? value
      : fail(`has ${token} in it with the wrong number of indices, or one too large`)
  }
  const sum = (): number => {
    let value = term()
    while (tokens[at] === '+' || tokens[at] === '-') value += tokens[at++] === '+' ? term() : -term()
    return value
  }
  const value = sum()
  if (at < tokens.length) fail(`cannot be read from ${JSON.stringify(tokens[at])} on`)
  return value >= 0 ? value : fail(`is ${value}; it must be at least 0`)
}

/** The numbers as WGSL constants of type u32, or arrays of them. */
export function constants(numbers: Record<string, Numbers>): string {
  const text = (value: Numbers): string =>
    typeof value === 'number' ? `${value}u` : `array(${value.map(text).join(', ')})`
  return Object.entries(numbers)
    .map(([name, value]) => `const ${name} = ${text(value)};`)
    .join('\n')
}
