/** Types of WGSL values, as far as a function that draws has them. `int` and `float` are literals without a suffix. */
import { evaluate } from '../wgsl/constants'
import type { Module } from '../wgsl/module'
import { splitList, type Token, textOf, WgslError } from '../wgsl/tokens'

export type Scalar = 'f32' | 'i32' | 'u32' | 'bool' | 'int' | 'float'

export type Type =
  | { kind: 'scalar'; of: Scalar }
  | { kind: 'vector'; of: Scalar; size: number }
  | { kind: 'array'; element: Type; count: number }
  | { kind: 'struct'; name: string; fields: ReadonlyMap<string, Type> }
  | { kind: 'pointer'; to: Type }
  | { kind: 'nothing' }

export const scalar = (of: Scalar): Type => ({ kind: 'scalar', of })
export const vector = (of: Scalar, size: number): Type => ({ kind: 'vector', of, size })
export const BOOL = scalar('bool')
export const NOTHING: Type = { kind: 'nothing' }

const LETTERS: Record<string, Scalar> = { f: 'f32', i: 'i32', u: 'u32' }
export const isScalar = (name: string): name is 'f32' | 'i32' | 'u32' | 'bool' => /^([fiu]32|bool)$/.test(name)
export const isFloat = (of: Scalar): boolean => of === 'f32' || of === 'float'

/** The type that a variable gets from a value: literals without a suffix become i32 and f32. */
export function concrete(type: Type): Type {
  if (type.kind === 'scalar' || type.kind === 'vector') {
    return { ...type, of: type.of === 'int' ? 'i32' : type.of === 'float' ? 'f32' : type.of }
  }
  return type.kind === 'array' ? { ...type, element: concrete(type.element) } : type
}

/** Reads the type that `tokens` name. @throws WgslError for a type that is not translated, such as a matrix. */
export function typeNamed(module: Module, tokens: readonly Token[]): Type {
  const [first] = tokens
  const parts = tokens[1]?.text === '<' ? splitList(tokens.slice(2, -1)) : []
  const name = first?.text ?? ''
  const declared = module.named.get(name)
  if (declared?.kind === 'alias') return typeNamed(module, declared.type)
  if (declared?.kind === 'struct') {
    const fields = declared.members.map(({ name, type }) => [name, typeNamed(module, type)] as const)
    return { kind: 'struct', name, fields: new Map(fields) }
  }
  if (isScalar(name)) return scalar(name)
  if (name === 'array' && parts.length === 2) {
    return { kind: 'array', element: typeNamed(module, parts[0]), count: evaluate(module, parts[1]) }
  }
  if (name === 'ptr' && parts.length >= 2) return { kind: 'pointer', to: typeNamed(module, parts[1]) }
  const vec = /^vec([234])([fiu]?)$/.exec(name)
  const of = vec && (vec[2] ? LETTERS[vec[2]] : (parts[0]?.[0].text ?? ''))
  if (vec && of && (isScalar(of) || of === 'int')) return vector(of, Number(vec[1]))
  throw new WgslError(`the type ${textOf(tokens)} is not translated to JavaScript`, first?.at ?? 0)
}

/** JavaScript of the value with zeros. */
export function zeroOf(type: Type): string {
  switch (type.kind) {
    case 'scalar':
      return type.of === 'bool' ? 'false' : '0'
    case 'vector':
      return `[${Array(type.size)
        .fill(type.of === 'bool' ? 'false' : '0')
        .join(', ')}]`
    case 'array':
      return `Array.from({ length: ${type.count} }, () => (${zeroOf(type.element)}))`
    case 'struct':
      return `{ ${[...type.fields].map(([name, of]) => `${name}: ${zeroOf(of)}`).join(', ')} }`
    default:
      throw new Error(`there is no zero of a ${type.kind}`)
  }
}
