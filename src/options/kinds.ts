/** The kinds of value that an option of a run, or a parameter of an environment, may have. */

export interface NumberKind {
  type: 'integer' | 'number'
  min: number
  max: number
  /** The bounds themselves are excluded. */
  exclusiveMin?: boolean
  exclusiveMax?: boolean
  nullable?: boolean
}

export interface BooleanKind {
  type: 'boolean'
}

export interface ChoiceKind {
  type: 'choice'
  choices: readonly string[]
}

/** A list of integers, such as the widths of layers. */
export interface SizesKind {
  type: 'sizes'
  /** Of each number. */
  min: number
  max: number
  maxLength: number
  nullable?: boolean
}

/** A network: a name, or a list of layers (src/options/layerspec.ts). */
export interface LayersKind {
  type: 'layers'
  names: readonly string[]
}

export type Kind = NumberKind | BooleanKind | ChoiceKind | SizesKind | LayersKind

export const isNumberKind = (kind: Kind): kind is NumberKind => kind.type === 'integer' || kind.type === 'number'

/** `a number above 0 to 100`, as in error messages. */
export const numberRange = ({ type, min, max, exclusiveMin, exclusiveMax }: NumberKind): string =>
  `a ${type === 'integer' ? 'whole number' : 'number'} ${exclusiveMin ? 'above' : 'from'} ${min} ${exclusiveMax ? 'and below' : 'to'} ${max}`

/** The possible values, in few words: for tables, help and controls. */
export function rangeText(kind: Kind): string {
  const orNull = 'nullable' in kind && kind.nullable ? ', or null' : ''
  switch (kind.type) {
    case 'boolean':
      return 'true, false'
    case 'choice':
      return kind.choices.join(', ')
    case 'layers':
      return `${kind.names.join(', ')}, or a list of layers`
    case 'sizes':
      return `up to ${kind.maxLength} widths, ${kind.min} to ${kind.max}${orNull}`
    default: {
      const low = kind.exclusiveMin ? `above ${kind.min}` : `${kind.min}`
      const high = kind.exclusiveMax ? `below ${kind.max}` : `${kind.max}`
      return `${low} to ${high}${orNull}`
    }
  }
}
