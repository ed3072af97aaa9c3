/** Checks that a value is of its kind; if not, throws an error that says where, what is wrong, and what to use. */
import { ConfigError } from './errors'
import { isNumberKind, type Kind, type NumberKind, numberRange } from './kinds'
import { networkText } from './layerspec'
import { show } from './show'
import { suggest } from './suggest'
import { expandSweep } from './sweep'

/**
 * @param path Where the value was given, such as `config.gamma`.
 * @throws ConfigError
 */
export function checkValue(path: string, value: unknown, kind: Kind): void {
  if (value === null && 'nullable' in kind && kind.nullable) return
  if (isNumberKind(kind)) {
    checkNumber(path, value, kind)
  } else if (kind.type === 'boolean') {
    if (typeof value !== 'boolean') throw new ConfigError(`${path}: ${show(value)} is not true or false.`)
  } else if (kind.type === 'choice') {
    if (typeof value === 'string' && kind.choices.includes(value)) return
    const hint = typeof value === 'string' ? suggest(value, kind.choices) : ''
    throw new ConfigError(`${path}: ${show(value)} is not one of ${kind.choices.join(', ')}${hint}.`)
  } else if (kind.type === 'layers') {
    networkText(path, value)
  } else {
    if (!Array.isArray(value) || value.length > kind.maxLength) {
      throw new ConfigError(
        `${path}: ${show(value)} is not a list of at most ${kind.maxLength} layer widths. Use for example [64, 64].`,
      )
    }
    // Not forEach: that skips the holes of a sparse array.
    for (let i = 0; i < value.length; i++) {
      checkNumber(`${path}[${i}]`, value[i], { type: 'integer', min: kind.min, max: kind.max })
    }
  }
}

function checkNumber(path: string, value: unknown, kind: NumberKind): void {
  const wanted = kind.type === 'integer' ? 'a whole number' : 'a number'
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    const use = `${numberRange(kind)}${kind.nullable ? ' or null' : ''}`
    throw new ConfigError(`${path}: ${show(value)} is not ${wanted}. Use ${use}.`)
  }
  if (kind.type === 'integer' && !Number.isInteger(value)) {
    throw new ConfigError(`${path}: ${value} is not a whole number. Use ${numberRange(kind)}.`)
  }
  const low = kind.exclusiveMin ? value <= kind.min : value < kind.min
  const high = kind.exclusiveMax ? value >= kind.max : value > kind.max
  if (low || high) throw new ConfigError(`${path}: ${value} is out of range. Use ${numberRange(kind)}.`)
}

/**
 * The values of a sweep for `numAgents` agents, each of them checked: never null, never a sweep.
 * @throws ConfigError
 */
export function checkSweep(path: string, sweep: object, kind: NumberKind, numAgents: number): number[] {
  let values: unknown[]
  try {
    values = expandSweep(sweep, numAgents)
  } catch (error) {
    throw new ConfigError(`${path}: ${show(sweep)} ${(error as Error).message}.`)
  }
  for (const [k, value] of values.entries()) checkNumber(`${path}[${k}]`, value, { ...kind, nullable: false })
  return values as number[]
}
