/** The statements of WGSL's functions in JavaScript. */
import type { Declaration } from '../wgsl/module'
import { endOfBrackets, type Token, textOf, WgslError } from '../wgsl/tokens'
import { Expressions, type Globals, kept, type Scope } from './expressions'
import { binary, type Value } from './operators'
import { concrete, type Type, typeNamed, zeroOf } from './types'

/** Every name of the author gets this first, so that none is a word of JavaScript. */
export const nameOf = (name: string): string => `$${name}`

/** The function `declared` whose body is `body`, without its brackets. */
export function functionOf(globals: Globals, declared: Declaration, body: readonly Token[]): string {
  const scope: Scope = new Map()
  for (const { name, type } of declared.members) {
    scope.set(name, { js: nameOf(name), type: typeNamed(globals.module, type) })
  }
  const params = [...scope.values()].map(({ js }) => js).join(', ')
  const statements = new Statements(globals, body, [scope]).all()
  return `function ${nameOf(declared.name)}(${params}) {\n${statements}}\n`
}

const COMPOUND = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>']

class Statements extends Expressions {
  all(): string {
    let out = ''
    while (this.i < this.tokens.length) out += `${this.statement()}\n`
    return out
  }

  private statement(): string {
    switch (this.peek()) {
      case ';':
        this.i++
        return ''
      case '{':
        return this.block()
      case 'if':
        return this.conditional()
      case 'for':
        return this.loop()
      case 'while':
        this.i++
        return `while (${this.until('{').js}) ${this.block()}`
      case 'loop':
        this.i++
        return `for (;;) ${this.block()}`
      case 'switch':
        return this.choice()
      case 'continuing':
      case 'discard':
        return this.fail(undefined, this.i)
    }
    const js = this.simple()
    this.expect(';')
    return `${js};`
  }

  private expect(text: string): void {
    if (this.peek() !== text) this.fail(`is not translated: ${text} is missing`)
    this.i++
  }

  /** The expression up to the next `text` outside of brackets. */
  private until(text: string): Value {
    const value = this.expression()
    return this.peek() === text ? value : this.fail()
  }

  private block(): string {
    const end = endOfBrackets(this.tokens, this.i) ?? this.fail()
    const inside = this.tokens.slice(this.i + 1, end - 1)
    this.i = end
    return `{\n${new Statements(this.globals, inside, [...this.scopes, new Map()]).all()}}`
  }

  private conditional(): string {
    this.i++
    const js = `if (${this.until('{').js}) ${this.block()}`
    if (this.peek() !== 'else') return js
    this.i++
    return `${js} else ${this.peek() === 'if' ? this.conditional() : this.block()}`
  }

  /** `for` with what it declares in a scope of its own. */
  private loop(): string {
    this.i++
    this.expect('(')
    this.scopes.push(new Map())
    const first = this.peek() === ';' ? '' : this.simple()
    this.expect(';')
    const condition = this.peek() === ';' ? '' : this.until(';').js
    this.expect(';')
    const next = this.peek() === ')' ? '' : this.simple()
    this.expect(')')
    const js = `for (${first}; ${condition}; ${next}) ${this.block()}`
    this.scopes.pop()
    return js
  }

  private choice(): string {
    this.i++
    let js = `switch (${this.until('{').js}) {\n`
    const end = endOfBrackets(this.tokens, this.i) ?? this.fail()
    this.i++
    while (this.i < end - 1) {
      if (this.peek() === 'default') js += this.otherwise()
      else {
        this.expect('case')
        while (this.peek() !== ':' && this.peek() !== '{') {
          if (this.peek() === 'default') js += this.otherwise()
          else js += `case ${this.expression().js}:\n`
          if (this.peek() === ',') this.i++
        }
      }
      if (this.peek() === ':') this.i++
      js += `${this.block()}\nbreak;\n`
    }
    this.i = end
    return `${js}}`
  }

  private otherwise(): string {
    this.i++
    return 'default:\n'
  }

  /** A statement without its semicolon. */
  private simple(): string {
    const text = this.peek()
    if (text === 'break' || text === 'continue') {
      this.i++
      return text
    }
    if (text === 'return') {
      this.i++
      return this.peek() === ';' ? text : `return ${kept(this.expression())}`
    }
    if (text === 'let' || text === 'var' || text === 'const') return this.declaration()
    if (text === 'const_assert') {
      while (this.peek() !== ';') this.i++
      return ''
    }
    if (text === '_') {
      this.i += 2
      return this.expression().js
    }
    return this.assignment()
  }

  private declaration(): string {
    const isVariable = this.peek() === 'var'
    this.i++
    if (this.peek() === '<') while (this.tokens[this.i++].text !== '>');
    const name = this.peek()
    this.i++
    const named = this.peek() === ':' ? this.typeHere() : undefined
    const given = this.peek() === '=' ? this.valueHere() : undefined
    const type = named ?? concrete(given?.type ?? this.fail())
    // In an inner scope the value may have the name of an outer one: JavaScript would take it for the new one.
    const js = this.fresh(name)
    this.scopes.at(-1)!.set(name, { js, type })
    return `${isVariable ? 'let' : 'const'} ${js} = ${given ? kept(given) : zeroOf(type)}`
  }

  private typeHere(): Type {
    const from = ++this.i
    let depth = 0
    for (; this.i < this.tokens.length && (depth > 0 || !/^[=;]$/.test(this.peek())); this.i++) {
      depth += this.peek() === '<' ? 1 : this.peek() === '>' ? -1 : 0
    }
    return typeNamed(this.globals.module, this.tokens.slice(from, this.i))
  }

  private valueHere(): Value {
    this.i++
    return this.expression()
  }

  private fresh(name: string): string {
    const depth = this.scopes.filter((scope) => scope.has(name)).length
    return depth === 0 ? nameOf(name) : `${nameOf(name)}$${depth}`
  }

  private assignment(): string {
    const from = this.i
    const target = this.expression()
    if (this.peek() === ';' && target.js.endsWith(')')) return target.js // a call
    const next = this.tokens[this.i + 1]?.text
    if ((this.peek() === '+' || this.peek() === '-') && next === this.peek()) {
      const op = this.peek()
      this.i += 2
      return this.changed(target, op, { js: '1', type: { kind: 'scalar', of: 'int' } }, from)
    }
    if (this.peek() === '=') {
      this.i++
      return `${target.js} = ${kept(this.expression())}`
    }
    const op = COMPOUND.find((sign) => sign === this.sign())
    if (!op) return this.fail(undefined, from)
    this.i += op.length
    this.expect('=')
    return this.changed(target, op, this.expression(), from)
  }

  private changed(target: Value, op: string, by: Value, from: number): string {
    const { js } = binary(op, target, by) ?? this.fail(undefined, from)
    return `${target.js} = ${js}`
  }
}

/** The body of the function `name`, without its brackets. @throws WgslError */
export function bodyOf(tokens: readonly Token[], { name, at }: Declaration): Token[] {
  const start = tokens.findIndex((token) => token.at >= at)
  const open = tokens.findIndex(({ text }, i) => i > start && text === '{')
  const end = open < 0 ? null : endOfBrackets(tokens, open)
  if (end === null) throw new WgslError(`${textOf(tokens.slice(start, start + 2))}: ${name} has no body`, at)
  return tokens.slice(open + 1, end - 1)
}
