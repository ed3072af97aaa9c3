/** Checks of data from elsewhere: each throws for a wrong value, with the path of the field. */

/** Data of a sweep that has not the right shape. The message is one line, and names the field. */
export class SweepDataError extends Error {
  override name = 'SweepDataError'
}

export type Check = (path: string, value: unknown) => void

const wrong = (path: string, what: string): never => {
  throw new SweepDataError(`${path}: ${what}`)
}

/** Of an object that JSON gives; not of a list. */
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Control characters, and those that end a line or turn its direction: names are shown on terminals. */
export const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** A name of a field from elsewhere, fit to be shown. */
const shown = (name: string): string => JSON.stringify(HIDDEN.test(name) ? '(hidden characters)' : name.slice(0, 50))

/** Exactly these fields. */
export function fields<T extends object>(checks: Record<keyof T & string, Check>): Check {
  const names = Object.keys(checks)
  return (path, value) => {
    if (!isObject(value)) return wrong(path, 'is not an object')
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(checks, name))
    if (unknown !== undefined) wrong(path, `has no field ${shown(unknown)}`)
    for (const name of names) {
      if (!Object.hasOwn(value, name)) wrong(`${path}.${name}`, 'is missing')
      checks[name as keyof T & string](`${path}.${name}`, value[name])
    }
  }
}

/** An object with any names of letters and digits. */
export function record(name: Check, entry: Check, most: number): Check {
  return (path, value) => {
    if (!isObject(value)) return wrong(path, 'is not an object')
    const names = Object.keys(value)
    if (names.length > most) wrong(path, `has ${names.length} fields, more than ${most}`)
    for (const own of names) {
      name(`${path}: the name of a field`, own)
      if (own === '__proto__') wrong(path, `has no field ${shown(own)}`)
      entry(`${path}.${own}`, value[own])
    }
  }
}

export function listOf(entry: Check, least: number, most: number): Check {
  return (path, value) => {
    if (!Array.isArray(value)) return wrong(path, 'is not a list')
    if (value.length < least || value.length > most) {
      wrong(path, `has ${value.length} entries, not ${least === most ? least : `${least} to ${most}`}`)
    }
    for (const [i, own] of value.entries()) entry(`${path}[${i}]`, own)
  }
}

export const orNull =
  (check: Check): Check =>
  (path, value) => {
    if (value !== null) check(path, value)
  }

export const number =
  (from = -Number.MAX_VALUE, to = Number.MAX_VALUE): Check =>
  (path, value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return wrong(path, 'is not a finite number')
    if (value < from || value > to) wrong(path, `${value} is not from ${from} to ${to}`)
  }

/** A whole number from 0. */
export const count =
  (to: number): Check =>
  (path, value) => {
    number(0, to)(path, value)
    if (!Number.isSafeInteger(value)) wrong(path, `${value} is not a whole number`)
  }

export const flag: Check = (path, value) => {
  if (typeof value !== 'boolean') wrong(path, 'is not true or false')
}

export const one =
  (wanted: number): Check =>
  (path, value) => {
    if (value !== wanted) wrong(path, `is not ${wanted}`)
  }

export const choice =
  (...words: string[]): Check =>
  (path, value) => {
    if (!words.includes(value as string)) wrong(path, `is not one of ${words.join(', ')}`)
  }

const matching =
  (pattern: RegExp, what: string): Check =>
  (path, value) => {
    if (typeof value !== 'string' || !pattern.test(value)) wrong(path, `is not ${what}`)
  }

/** Text of one line that can be shown, of 1 to `most` characters. */
export const text =
  (most: number): Check =>
  (path, value) => {
    if (typeof value !== 'string') return wrong(path, 'is not text')
    if (value.length < 1 || value.length > most) wrong(path, `has ${value.length} characters, not 1 to ${most}`)
    if (HIDDEN.test(value)) wrong(path, 'has control characters')
  }

export const hex = (digits: number): Check =>
  matching(new RegExp(`^[0-9a-f]{${digits}}$`), `${digits} hexadecimal digits`)
/** An id: letters, digits and `-`. */
export const token = (most: number): Check =>
  matching(new RegExp(`^[A-Za-z0-9-]{1,${most}}$`), `1 to ${most} letters, digits or -`)

/** The most bytes of a checkpoint or a policy. */
export const MOST_FILE = 2 ** 28
export const FILE_NAME = /^[A-Za-z0-9._-]{1,200}$/

/** A `FileRef`. */
export const file: Check = fields({
  name: matching(FILE_NAME, '1 to 200 letters, digits, ., - or _'),
  bytes: count(MOST_FILE),
  sha256: hex(64),
})

/** @param most Bytes of the text. @throws SweepDataError for what is not JSON, or fails the check. */
export function readJson(what: string, json: string, most: number, check: Check): unknown {
  // No character takes more than 3 bytes for each of its units.
  if (json.length > most || (json.length * 3 > most && new TextEncoder().encode(json).length > most)) {
    wrong(what, `has more than ${most} bytes`)
  }
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return wrong(what, 'is not JSON')
  }
  check(what, value)
  return value
}
