/** Output streams: with `--json`, stdout is for the result and everything else goes to stderr. */
import { largest } from '../../src/extremes'

/**
 * Makes text from outside, such as names and messages, safe for a terminal: control characters, which could move its
 * cursor, colour it or rename it, and invisible ones, which change the direction of text, become escapes such as
 * \u001b. Line ends and tabs stay.
 */
export const plain = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapes)

const escapes = (text: string): string =>
  text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

export interface Output {
  /** A line for the user. */
  say(line: string): void
  /** A line that the user must see; always on stderr. */
  warn(line: string): void
  /** The command's result: one line of JSON, the last of stdout, or `text` for people. */
  result(value: object, text: string): void
  /** With `--log jsonl`: a line of JSON on stdout, before the result. */
  log(value: object): void
  /** The stream of `say`, for progress. */
  stream: NodeJS.WriteStream
}

/** @param logged Whether stdout gets lines of JSON besides the result, which is then JSON too. */
export function makeOutput(asJson: boolean, logged = false): Output {
  const json = asJson || logged
  const stream = json ? process.stderr : process.stdout
  return {
    stream,
    say: (line) => void stream.write(`${plain(line)}\n`),
    warn: (line) => void process.stderr.write(`${plain(line)}\n`),
    log: (value) => void (logged && process.stdout.write(`${plain(JSON.stringify(value))}\n`)),
    // In JSON these characters occur only in strings, where such an escape means the character.
    result: (value, text) => void process.stdout.write(`${plain(json ? JSON.stringify(value) : text)}\n`),
  }
}

/** `1234567` as `1,234,567`; null and non-finite as `-`. */
export const count = (value: number | null, digits = 0): string =>
  value === null || !Number.isFinite(value)
    ? '-'
    : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** Aligned columns: the first to the left, the others to the right. */
export function table(rows: string[][]): string {
  const widths = rows[0].map((_, c) => largest(rows.map((row) => row[c].length)))
  const line = (row: string[]) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}

/** JSON with one line for each field, and for each entry of a list of objects. */
export function linesOfJson(value: object): string {
  const field = (content: unknown) =>
    Array.isArray(content) && typeof content[0] === 'object' && content[0] !== null
      ? `[\n${content.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`
      : JSON.stringify(content)
  const fields = Object.entries(value).map(([key, content]) => `  ${JSON.stringify(key)}: ${field(content)}`)
  return `{\n${fields.join(',\n')}\n}\n`
}
