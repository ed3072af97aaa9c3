/** An option that a sweep searches: its values, or how one is drawn. */
import { checkValue } from '../../src/options/check'
import { ConfigError } from '../../src/options/errors'
import { checkLog, DRAW_FORMS, FORMS, type Form, type FormName, gridNumbers, parseForm } from '../../src/options/forms'
import { isNumberKind, type Kind, type NumberKind } from '../../src/options/kinds'
import { parseValue } from '../../src/options/text'
import type { TrialValue } from '../../src/sweep/types'

export interface Axis {
  /** `learningRate`, or `env.gravity`. */
  name: string
  /** As it was written: `loguniform(1e-4,1e-2)`. */
  form: string
  kind: Form['kind']
  /** How a picture places its values. */
  scale: 'linear' | 'log' | 'choices'
  /** All values of a grid or a choice, in order; null for numbers between two bounds. */
  values: TrialValue[] | null
  /** Of numbers. */
  bounds: [number, number] | null
  /** The value at `u`, uniform in [0, 1). */
  value(u: number): TrialValue
}

/** A longer grid is a slip of the pen. */
const MOST_VALUES = 1_000_000

/**
 * The axis that `text` writes; undefined for one value.
 * @param path Where it was given, such as `--set gamma`.
 * @throws ConfigError for a form that is not right, or a value that the option does not take.
 */
export function parseAxis(path: string, name: string, text: string, kind: Kind): Axis | undefined {
  const written = parseForm(text)
  if (!written) return undefined
  const { form, parts } = written
  // [64, 64] is one value of an option that is a list.
  if (form === 'list' && kind.type === 'sizes' && !parts.some((part) => part.startsWith('['))) return undefined
  const where = `${path}=${text.trim()}`
  const axis = { name, form: text.trim(), kind: FORMS[form].kind }
  if (form === 'list' || form === 'choice') {
    const values = parts.map((part) => readValue(where, part, kind))
    return { ...axis, ...among(where, values), scale: 'choices', bounds: null }
  }
  if (!isNumberKind(kind)) throw new ConfigError(`${where}: ${form} is for numbers. Use choice(v,w,...) or [v,w,...].`)
  return { ...axis, ...numbers(where, form, parts, kind) }
}

function readValue(path: string, part: string, kind: Kind): TrialValue {
  // A network is a list with commas; the brackets around it are the sweep's.
  const inside = kind.type === 'layers' ? /^\[(.*)\]$/s.exec(part)?.[1] : undefined
  const value = parseValue(inside ?? part, kind)
  checkValue(path, value, kind)
  return value as TrialValue
}

/** One of several values, each with the same probability. */
function among(path: string, values: TrialValue[]): Pick<Axis, 'values' | 'value'> {
  const texts = values.map((value) => JSON.stringify(value))
  const twice = texts.find((text, i) => texts.indexOf(text) < i)
  if (twice !== undefined) throw new ConfigError(`${path}: has ${twice} twice. Leave one out.`)
  return { values, value: (u) => values[Math.floor(u * values.length)] }
}

type NumberForm = Exclude<FormName, 'list' | 'choice'>

function numbers(path: string, form: NumberForm, parts: string[], kind: NumberKind) {
  const fixed: NumberKind = { ...kind, nullable: false }
  const [a, b, n, ...more] = parts.map((part, i) => {
    const value = parseValue(part, fixed)
    checkValue(path, value, i < 2 ? fixed : { type: 'integer', min: 1, max: MOST_VALUES })
    return value as number
  })
  const counted = form === 'log' || form === 'lin'
  const wrong = b === undefined || more.length > 0 || (n !== undefined) !== counted
  if (wrong && counted && b !== undefined && more.length === 0) {
    throw new ConfigError(`${path}: says no number of values. Write ${form}(${a},${b},5), or a draw: ${DRAW_FORMS}.`)
  }
  if (wrong) throw new ConfigError(`${path}: has ${parts.length} numbers. Write ${FORMS[form].signature}.`)
  try {
    checkLog(form, a, b)
  } catch (error) {
    throw new ConfigError(`${path}: ${(error as Error).message}.`)
  }
  const whole = kind.type === 'integer'
  const scale: Axis['scale'] = 'log' in FORMS[form] ? 'log' : 'linear'
  const bounds: [number, number] = [Math.min(a, b), Math.max(a, b)]
  if (form === 'log' || form === 'lin') {
    const values = gridNumbers(form, a, b, n).map((value) => (whole ? Math.round(value) : value))
    return { ...among(path, values), scale, bounds }
  }
  if (a >= b) throw new ConfigError(`${path}: ${a} is not below ${b}. Write ${FORMS[form].signature}, a below b.`)
  if (form === 'range') {
    const count = Number.isInteger(a) && Number.isInteger(b) ? b - a : Number.NaN
    if (!(count <= MOST_VALUES)) {
      throw new ConfigError(`${path}: is not a list of whole numbers, at most ${MOST_VALUES}. Use lin(a,b,n).`)
    }
    const last = Array.from({ length: count }, (_, i) => a + i)
    return { ...among(path, last), scale, bounds: [a, b - 1] as [number, number] }
  }
  const { between } = FORMS[form]
  // Each whole number has the share of those that round to it.
  const value = (u: number) => (whole ? Math.round(between(a - 0.5, b + 0.5, u)) : between(a, b, u))
  return { values: null, value: (u: number) => Math.min(b, Math.max(a, value(u))), scale, bounds }
}
