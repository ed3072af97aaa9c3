/**
 * Types of WGSL expressions, as far as they are needed to know what an index goes into: arrays, vectors, matrices, structs
 * and pointers to them. Numbers and what operators make are not told apart.
 */
import { Types } from './layout'
import type { Declaration, Module } from './module'
import { endOfBrackets, endOfGroup, splitList, type Token, WgslError } from './tokens'
import type { Type } from './types'

/** What an index goes into; `unknown` is everything else. */
export type Indexed =
  | { kind: 'array' | 'vector' | 'matrix'; count: number; element: Indexed }
  | { kind: 'struct'; fields: ReadonlyMap<string, Indexed> }
  | { kind: 'pointer'; to: Indexed }
  | { kind: 'unknown' }

/** Names that are visible at a place in a function, the innermost scope last. */
export type Scopes = readonly ReadonlyMap<string, Indexed>[]

export const UNKNOWN: Indexed = { kind: 'unknown' }
const vector = (count: number): Indexed => ({ kind: 'vector', count, element: UNKNOWN })

/** Built-in functions whose result has the type of their first argument. */
const LIKE_FIRST = /^(abs|ceil|clamp|fma|floor|fract|max|min|mix|normalize|round|select|sign|smoothstep|step|trunc)$/
const LIMIT = 64

export class Expressions {
  private readonly types: Types

  constructor(private readonly module: Module) {
    this.types = new Types(module)
  }

  /** The type that `tokens` name. */
  typeNamed(tokens: readonly Token[]): Indexed {
    if (tokens[0]?.text === 'ptr' && tokens[1]?.text === '<') {
      const [, to] = splitList(tokens.slice(2, -1))
      return { kind: 'pointer', to: this.typeNamed(to ?? []) }
    }
    try {
      return indexedOf(this.types.read(tokens))
    } catch (error) {
      if (error instanceof WgslError) return UNKNOWN
      throw error
    }
  }

  /** The type of the whole expression; unknown if operators join several. */
  typeOf(tokens: readonly Token[], scopes: Scopes, depth = 0): Indexed {
    const [first, ...rest] = tokens
    if (!first || depth > LIMIT) return UNKNOWN
    if (first.text === '*') return pointed(this.typeOf(rest, scopes, depth + 1))
    if (first.text === '&') {
      const to = this.typeOf(rest, scopes, depth + 1)
      return to === UNKNOWN ? UNKNOWN : { kind: 'pointer', to }
    }
    let { type, end } = this.primary(tokens, scopes, depth)
    while (end < tokens.length && type !== UNKNOWN) {
      const { text } = tokens[end]
      if (text === '.') {
        type = memberOf(pointed(type), tokens[end + 1]?.text ?? '')
        end += 2
      } else if (text === '[') {
        const of = pointed(type)
        type = 'element' in of ? of.element : UNKNOWN
        end = endOfBrackets(tokens, end) ?? tokens.length
      } else return UNKNOWN
    }
    return type
  }

  private primary(tokens: readonly Token[], scopes: Scopes, depth: number): { type: Indexed; end: number } {
    const [first] = tokens
    if (first.text === '(') {
      const end = endOfBrackets(tokens, 0) ?? tokens.length
      return { type: this.typeOf(tokens.slice(1, end - 1), scopes, depth + 1), end }
    }
    if (first.kind !== 'name') return { type: UNKNOWN, end: tokens.length }
    const open = tokens[1]?.text === '<' ? endOfGroup(tokens, 1) : 1
    if (tokens[open]?.text !== '(') return { type: this.named(first.text, scopes, depth), end: 1 }
    const end = endOfBrackets(tokens, open) ?? tokens.length
    const given = splitList(tokens.slice(open + 1, end - 1))
    return { type: this.called(tokens.slice(0, open), given, scopes, depth), end }
  }

  private named(name: string, scopes: Scopes, depth: number): Indexed {
    const local = scopes.findLast((scope) => scope.has(name))
    if (local) return local.get(name)!
    const declared = this.module.named.get(name)
    if (!declared || !['const', 'override', 'var'].includes(declared.kind)) return UNKNOWN
    return declared.type.length > 0 ? this.typeNamed(declared.type) : this.typeOf(declared.value, [], depth + 1)
  }

  /** The result of a function, or of a type's constructor. */
  private called(callee: readonly Token[], given: Token[][], scopes: Scopes, depth: number): Indexed {
    const name = callee[0].text
    const declared: Declaration | undefined = this.module.named.get(name)
    if (declared?.kind === 'fn') return this.typeNamed(declared.type)
    if (declared) return this.typeNamed(callee)
    const ofFirst = () => this.typeOf(given[0] ?? [], scopes, depth + 1)
    if (LIKE_FIRST.test(name)) return ofFirst()
    if (callee.length > 1) return this.typeNamed(name === 'bitcast' ? callee.slice(2, -1) : callee)
    if (name === 'array') return { kind: 'array', count: given.length, element: ofFirst() }
    const short = /^vec([234])[fuih]?$/.exec(name)
    if (short) return vector(Number(short[1]))
    return this.typeNamed(callee)
  }
}

const pointed = (type: Indexed): Indexed => (type.kind === 'pointer' ? type.to : type)

/** A member of a struct, or components of a vector: `.x` is a number, `.xy` a vector. */
function memberOf(type: Indexed, name: string): Indexed {
  if (type.kind === 'struct') return type.fields.get(name) ?? UNKNOWN
  return type.kind === 'vector' && name.length > 1 ? vector(name.length) : UNKNOWN
}

function indexedOf(type: Type): Indexed {
  if (type.kind === 'array') return { kind: 'array', count: type.count, element: indexedOf(type.element) }
  if (type.kind === 'vector') return vector(type.width)
  if (type.kind === 'struct') {
    return { kind: 'struct', fields: new Map(type.fields.map((field) => [field.name, indexedOf(field.type)])) }
  }
  const matrix = type.kind === 'other' ? /^mat([234])x([234])/.exec(type.name) : null
  if (matrix) return { kind: 'matrix', count: Number(matrix[1]), element: vector(Number(matrix[2])) }
  const bools = type.kind === 'other' ? /^vec([234])/.exec(type.name) : null
  return bools ? vector(Number(bools[1])) : UNKNOWN
}
