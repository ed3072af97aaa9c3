/** Values as text: on the command line, in links, and in the fields of the lab. */
import { ConfigError } from './errors'
import { isDraw, parseForm } from './forms'
import { isNumberKind, type Kind } from './kinds'
import { networkText } from './layerspec'
import { DRAWN, parseSweep } from './sweep'

/**
 * The value of `text`. If it is not of the kind it stays text, and is refused when the value is checked.
 * @param mayVary Also accepts a sweep (`log(1e-4,1e-2)`, `[1,2]`) in place of a number.
 */
export function parseValue(text: string, kind: Kind, mayVary = false): unknown {
  if (kind.type === 'choice' || kind.type === 'layers') return text
  if (kind.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (isNumberKind(kind) && mayVary) {
    const sweep = parseSweep(text, parseNumber)
    if (sweep !== undefined) return sweep
  }
  if (kind.nullable && (text === 'null' || text === 'none')) return null
  if (isNumberKind(kind)) return parseNumber(text)
  const inner = /^\[(.*)\]$/.exec(text.trim())?.[1]
  return inner?.trim() === '' ? [] : (inner ?? text).split(/[,x]/).map(parseNumber)
}

/** @throws ConfigError for text that only a sweep draws from: `choice(1,2)`. */
export function refuseDraw(path: string, text: string): void {
  const written = parseForm(text)
  if (written && isDraw(written.form)) throw new ConfigError(`${path}: ${text.trim()} ${DRAWN}.`)
}

/** `1_000`, `2.5e-4`, `-1`; any other text, also the empty one, stays text. */
function parseNumber(text: string): number | string {
  const plain = text.trim().replace(/(?<=\d)_(?=\d)/g, '')
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : text
}

/** The text that `parseValue` reads as `value`, also for a sweep. */
export function formatValue(value: unknown, kind: Kind): string {
  if (value === null) return 'null'
  if (kind.type === 'layers') return networkText('network', value)
  if (kind.type === 'sizes') return (value as number[]).join(',') || '[]'
  if (Array.isArray(value)) return `[${value.join(',')}]`
  if (typeof value === 'object') {
    const [[type, bounds]] = Object.entries(value as object)
    return `${type}(${(bounds as number[]).join(',')})`
  }
  return String(value)
}
