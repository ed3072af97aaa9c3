/** WGSL's expressions in JavaScript, read from tokens. */
import type { Module } from '../wgsl/module'
import { endOfBrackets, endOfGroup, splitList, type Token, textOf, WgslError } from '../wgsl/tokens'
import { builtIn } from './builtins'
import { binary, componentwise, converted, LEVELS, scalarOf, unary, type Value } from './operators'
import { concrete, type Scalar, scalar, type Type, typeNamed, vector, zeroOf } from './types'

/** What the functions of a module see of it. */
export interface Globals {
  module: Module
  /** The constant, variable or function `name`, translated when it is first named; undefined if there is none. */
  use(name: string): { js: string; type: Type } | undefined
}

export type Scope = Map<string, { js: string; type: Type }>

const SIGNS = ['&&', '||', '==', '!=', '<=', '>=', '<<', '>>']
const TEMPLATED = /^(array|vec[234]|bitcast|mat\dx\d|ptr)$/
const SWIZZLE = /^([xyzw]{1,4}|[rgba]{1,4})$/

export class Expressions {
  protected i = 0

  constructor(
    protected readonly globals: Globals,
    protected readonly tokens: readonly Token[],
    protected readonly scopes: Scope[],
  ) {}

  /** The whole of the tokens. */
  whole(): Value {
    const value = this.expression()
    return this.i < this.tokens.length ? this.fail() : value
  }

  protected fail(why = 'is not translated to JavaScript', from = Math.max(0, this.i - 4)): never {
    const text = textOf(this.tokens.slice(from, from + 12))
    throw new WgslError(`${text || 'nothing'} ${why}`, this.tokens[from]?.at ?? this.tokens[0]?.at ?? 0)
  }

  protected peek(): string {
    return this.tokens[this.i]?.text ?? ''
  }

  /** The operator here: two characters where they stand together. */
  protected sign(): string {
    const [first, second] = [this.tokens[this.i], this.tokens[this.i + 1]]
    if (first?.kind !== 'sign') return ''
    const two = second?.at === first.at + 1 ? first.text + second.text : ''
    return SIGNS.includes(two) ? two : first.text
  }

  expression(level = 0): Value {
    if (level === LEVELS.length) return this.unary()
    let left = this.expression(level + 1)
    for (let op = this.sign(); LEVELS[level].includes(op) && !this.isAssigned(op); op = this.sign()) {
      const from = this.i
      this.i += op.length
      left = binary(op, left, this.expression(level + 1)) ?? this.fail(undefined, from - 1)
    }
    return left
  }

  /** Whether the operator belongs to an assignment: `+=`, `<<=`, `++`. */
  private isAssigned(op: string): boolean {
    const last = this.tokens[this.i + op.length - 1]
    const next = this.tokens[this.i + op.length]
    if ((op === '+' || op === '-') && next?.text === op && next.at === last.at + 1) return true
    return next?.text === '=' && next.at === last.at + 1 && !['==', '!=', '<=', '>='].includes(op)
  }

  private unary(): Value {
    const from = this.i
    const op = this.peek()
    if (op === '-' || op === '!' || op === '~') {
      this.i++
      return unary(op, this.unary()) ?? this.fail(undefined, from)
    }
    if (op === '*') {
      this.i++
      return this.pointed(this.unary())
    }
    if (op === '&') {
      this.i++
      const { js, type } = this.unary()
      return { js: `{ get v() { return ${js} }, set v(v) { ${js} = v } }`, type: { kind: 'pointer', to: type } }
    }
    return this.places(this.primary())
  }

  private pointed(value: Value): Value {
    return value.type.kind === 'pointer' ? { js: `${value.js}.v`, type: value.type.to, stored: true } : value
  }

  /** Fields, components and elements of `value`. */
  private places(given: Value): Value {
    let value = given
    for (;;) {
      if (this.peek() === '.') {
        const field = this.tokens[this.i + 1]?.text ?? ''
        this.i += 2
        value = this.member(this.pointed(value), field)
      } else if (this.peek() === '[') {
        const end = endOfBrackets(this.tokens, this.i) ?? this.fail()
        const index = this.inside(this.tokens.slice(this.i + 1, end - 1))
        this.i = end
        value = this.element(this.pointed(value), index)
      } else return value
    }
  }

  private member({ js, type, stored }: Value, field: string): Value {
    if (type.kind === 'struct' && type.fields.has(field)) {
      return { js: `${js}.${field}`, type: type.fields.get(field)!, stored }
    }
    if (type.kind !== 'vector' || !SWIZZLE.test(field)) return this.fail()
    const at = [...field].map((letter) => Math.max('xyzw'.indexOf(letter), 'rgba'.indexOf(letter)))
    if (at.some((place) => place >= type.size)) return this.fail()
    if (at.length === 1) return { js: `${js}[${at[0]}]`, type: scalar(type.of) }
    return { js: `R.pick(${[js, ...at].join(', ')})`, type: vector(type.of, at.length) }
  }

  private element({ js, type, stored }: Value, index: Value): Value {
    const inside = (count: number) => (/^\d+$/.test(index.js) ? index.js : `R.at(${index.js}, ${count})`)
    if (type.kind === 'array') return { js: `${js}[${inside(type.count)}]`, type: type.element, stored }
    return type.kind === 'vector' ? { js: `${js}[${inside(type.size)}]`, type: scalar(type.of) } : this.fail()
  }

  private primary(): Value {
    const token = this.tokens[this.i]
    if (token?.text === '(') {
      const end = endOfBrackets(this.tokens, this.i) ?? this.fail()
      const value = this.inside(this.tokens.slice(this.i + 1, end - 1))
      this.i = end
      return value
    }
    if (token?.kind === 'number') return this.literal(token.text)
    if (token?.kind !== 'name') return this.fail()
    const start = this.i
    const templated = TEMPLATED.test(token.text) && this.tokens[start + 1]?.text === '<'
    const open = templated ? endOfGroup(this.tokens, start + 1) : start + 1
    if (this.tokens[open]?.text !== '(') {
      this.i++
      return this.named(token.text)
    }
    const end = endOfBrackets(this.tokens, open) ?? this.fail()
    this.i = end
    const given = splitList(this.tokens.slice(open + 1, end - 1)).map((part) => this.inside(part))
    return this.called(this.tokens.slice(start, open), given)
  }

  private inside(tokens: readonly Token[]): Value {
    return new Expressions(this.globals, tokens, this.scopes).whole()
  }

  private literal(text: string): Value {
    this.i++
    const [, digits, suffix] = /^(0[xX][\da-fA-F]+|[\d.]+(?:[eE][+-]?\d+)?)([iuf]?)$/.exec(text) ?? this.fail()
    const isFloat = suffix === 'f' || (!/^0[xX]/.test(digits) && /[.eE]/.test(digits))
    const of: Scalar =
      suffix === 'u' ? 'u32' : suffix === 'i' ? 'i32' : suffix === 'f' ? 'f32' : isFloat ? 'float' : 'int'
    return { js: String(Number(digits)), type: scalar(of) }
  }

  private named(name: string): Value {
    if (name === 'true' || name === 'false') return { js: name, type: scalar('bool') }
    const found = this.scopes.findLast((scope) => scope.has(name))?.get(name) ?? this.globals.use(name)
    return found ? { ...found, stored: true } : this.fail(`names ${name}, which is not translated`, this.i - 1)
  }

  /** A function, or a type's constructor. */
  private called(callee: readonly Token[], given: Value[]): Value {
    const [{ text: name }] = callee
    const { module } = this.globals
    const declared = module.named.get(name)
    const args = given.map(kept)
    if (declared?.kind === 'fn') {
      const { js, type } = this.globals.use(name)!
      // A function cannot change what it is given, so nothing is copied.
      return { js: `${js}(${given.map(({ js }) => js).join(', ')})`, type }
    }
    if (name === 'bitcast') return this.bitcast(callee, given)
    const known = declared ? null : builtIn(name, given)
    if (known) return known
    const type = this.constructed(callee, given)
    if (given.length === 0) return { js: zeroOf(type), type }
    if (type.kind === 'struct') {
      return { js: `{ ${[...type.fields.keys()].map((field, i) => `${field}: ${args[i]}`).join(', ')} }`, type }
    }
    if (type.kind === 'array') return { js: `[${args.join(', ')}]`, type }
    if (type.kind === 'scalar') return { js: converted(type.of, scalarOf(given[0]) ?? this.fail(), given[0].js), type }
    return type.kind === 'vector' ? this.vectorOf(type.of, type.size, given) : this.fail()
  }

  /** The type that is constructed; `vec2(...)` and `array(...)` have that of their parts. */
  private constructed(callee: readonly Token[], given: readonly Value[]): Type {
    const [{ text: name }] = callee
    if (callee.length === 1 && name === 'array') {
      return { kind: 'array', element: concrete(given[0]?.type ?? this.fail()), count: given.length }
    }
    const plain = /^vec([234])$/.exec(name)
    if (!plain || callee.length > 1) return typeNamed(this.globals.module, callee)
    return vector(scalarOf(given[0]) ?? this.fail(), Number(plain[1]))
  }

  private vectorOf(of: Scalar, size: number, given: readonly Value[]): Value {
    const parts = given.map((value) =>
      componentwise(of, [value], (x) => converted(of, scalarOf(value) ?? this.fail(), x)),
    )
    const type = vector(of, size)
    const [only] = parts
    if (parts.length === 1 && only.type.kind === 'scalar') return { js: `R.splat(${size}, ${only.js})`, type }
    return {
      js: `[${parts.map((part) => (part.type.kind === 'vector' ? `...${part.js}` : part.js)).join(', ')}]`,
      type,
    }
  }

  private bitcast(callee: readonly Token[], [value]: Value[]): Value {
    const to = typeNamed(this.globals.module, callee.slice(2, -1))
    const from = value && scalarOf({ ...value, type: concrete(value.type) })
    if (!from || from === 'bool' || (to.kind !== 'scalar' && to.kind !== 'vector')) return this.fail()
    return componentwise(to.of, [value], (x) => `R.bits('${to.of}', '${from}', ${x})`)
  }
}

/** The value for something that keeps it: a copy if it is stored elsewhere. */
export const kept = ({ js, type, stored }: Value): string =>
  stored && type.kind !== 'scalar' && type.kind !== 'pointer' ? `R.copy(${js})` : js
