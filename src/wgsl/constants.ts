/** Evaluates WGSL's constant expressions of integers and booleans: lengths, sizes. */
import type { Module } from './module'
import { splitList, type Token, textOf, WgslError } from './tokens'

/** Values of `override` constants that the host sets, by name. */
export type Overrides = Readonly<Record<string, number>>

interface Value {
  value: bigint
  /** `whole` adopts the type of the other operand. */
  type: 'whole' | 'u32' | 'i32' | 'bool'
}

/** The integer value of `tokens`. @throws WgslError */
export function evaluate(module: Module, tokens: readonly Token[], overrides: Overrides = {}): number {
  const { value, type } = new Expression(module, tokens, overrides, []).read()
  if (type !== 'bool') return Number(value)
  throw new WgslError(`${textOf(tokens)} is true or false, not a number`, tokens[0].at)
}

/** The integer value of the constant or override `name`. @throws WgslError */
export const constantOf = (module: Module, name: string, overrides: Overrides = {}): number =>
  evaluate(module, [{ kind: 'name', text: name, at: module.named.get(name)?.at ?? 0 }], overrides)

const RANGES = { u32: [0n, 2n ** 32n - 1n], i32: [-(2n ** 31n), 2n ** 31n - 1n], whole: [-(2n ** 63n), 2n ** 63n - 1n] }

type Operator = (a: bigint, b: bigint) => bigint | boolean
/** By precedence, the weakest first. */
const OPERATORS: Record<string, Operator>[] = [
  { '||': (a, b) => Boolean(a | b) },
  { '&&': (a, b) => Boolean(a & b) },
  { '|': (a, b) => a | b },
  { '^': (a, b) => a ^ b },
  { '&': (a, b) => a & b },
  { '==': (a, b) => a === b, '!=': (a, b) => a !== b },
  { '<=': (a, b) => a <= b, '>=': (a, b) => a >= b, '<': (a, b) => a < b, '>': (a, b) => a > b },
  { '<<': (a, b) => a << b, '>>': (a, b) => a >> b },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b },
]
const SIGNS = OPERATORS.flatMap((level) => Object.keys(level)).sort((a, b) => b.length - a.length)

const sorted = (...numbers: bigint[]) => numbers.toSorted((a, b) => (a < b ? -1 : Number(a > b)))

const FUNCTIONS: Record<string, (...args: bigint[]) => bigint> = {
  abs: (x) => (x < 0n ? -x : x),
  min: (a, b) => sorted(a, b)[0],
  max: (a, b) => sorted(a, b)[1],
  clamp: (x, low, high) => sorted(sorted(x, low)[1], high)[0],
  select: (a, b, condition) => (condition ? b : a),
}

class Expression {
  private i = 0

  /** @param chain Constants under evaluation, each needed by the one before. */
  constructor(
    private readonly module: Module,
    private readonly tokens: readonly Token[],
    private readonly overrides: Overrides,
    private readonly chain: readonly string[],
  ) {}

  read(): Value {
    const value = this.binary(0)
    return this.i < this.tokens.length ? this.fail() : value
  }

  private fail(why = 'is not a constant whole number. Write a number'): never {
    throw new WgslError(`${textOf(this.tokens) || 'nothing'} ${why}`, this.tokens[0]?.at ?? 0)
  }

  private sign(): string | undefined {
    const [first, second] = this.tokens.slice(this.i, this.i + 2)
    if (first?.kind !== 'sign') return undefined
    const next = second && second.at === first.at + 1 ? first.text + second.text : first.text
    return SIGNS.find((sign) => next.startsWith(sign))
  }

  private binary(level: number): Value {
    if (level === OPERATORS.length) return this.unary()
    let left = this.binary(level + 1)
    for (let sign = this.sign(); sign && Object.hasOwn(OPERATORS[level], sign); sign = this.sign()) {
      this.i += sign.length
      const right = this.binary(level + 1)
      const shift = sign === '<<' || sign === '>>'
      if (right.value === 0n && (sign === '/' || sign === '%')) this.fail('divides by 0')
      if (shift && (right.value < 0n || right.value > 63n)) this.fail(`shifts by ${right.value} bits`)
      const result = OPERATORS[level][sign](left.value, right.value)
      const type = typeof result === 'boolean' ? 'bool' : left.type === 'whole' && !shift ? right.type : left.type
      left = this.checked({ value: BigInt(result), type })
    }
    return left
  }

  private unary(): Value {
    const sign = this.tokens[this.i]?.text
    if (sign !== '-' && sign !== '~' && sign !== '!') return this.primary()
    this.i++
    const { value, type } = this.unary()
    if (sign === '!') return { value: BigInt(!value), type }
    if (sign === '-') return this.checked({ value: -value, type })
    return { value: type === 'u32' ? BigInt.asUintN(32, ~value) : ~value, type }
  }

  private primary(): Value {
    const token = this.tokens[this.i++]
    if (token?.kind === 'number') return this.literal(token.text)
    if (token?.text === '(' || this.tokens[this.i]?.text === '(') {
      const name = token.text === '(' ? null : token.text
      if (name) this.i++
      const values = splitList(this.group()).map((part) => this.part(part).read())
      return name ? this.call(name, values) : values.length === 1 ? values[0] : this.fail()
    }
    if (token?.text === 'true' || token?.text === 'false') return { value: BigInt(token.text === 'true'), type: 'bool' }
    return token?.kind === 'name' ? this.constant(token) : this.fail()
  }

  private part(tokens: readonly Token[]): Expression {
    return new Expression(this.module, tokens, this.overrides, this.chain)
  }

  /** The tokens between the bracket before this position and its closing bracket; continues after that. */
  private group(): Token[] {
    const start = this.i
    for (let depth = 1; this.i < this.tokens.length; ) {
      const { text } = this.tokens[this.i++]
      depth += text === '(' ? 1 : text === ')' ? -1 : 0
      if (depth === 0) return this.tokens.slice(start, this.i - 1)
    }
    return this.fail()
  }

  private literal(text: string): Value {
    const [, digits, suffix] = /^(0[xX][\da-fA-F]+|\d+)([iu]?)$/.exec(text) ?? this.fail()
    return this.checked({ value: BigInt(digits), type: suffix === 'u' ? 'u32' : suffix === 'i' ? 'i32' : 'whole' })
  }

  private call(name: string, values: Value[]): Value {
    const [first] = values
    if ((name === 'u32' || name === 'i32') && values.length === 1) {
      const { value } = first
      if (first.type === 'whole' || first.type === 'bool') return this.checked({ value, type: name })
      return { value: name === 'u32' ? BigInt.asUintN(32, value) : BigInt.asIntN(32, value), type: name }
    }
    const known = Object.hasOwn(FUNCTIONS, name) && !this.module.named.has(name) ? FUNCTIONS[name] : undefined
    if (!known || known.length !== values.length) return this.fail()
    const type = values.find(({ type }) => type === 'u32' || type === 'i32')?.type ?? 'whole'
    return this.checked({ value: known(...values.map(({ value }) => value)), type })
  }

  private constant({ text: name, at }: Token): Value {
    const declared = this.module.named.get(name)
    if (declared?.kind === 'override' && Object.hasOwn(this.overrides, name)) {
      return { value: BigInt(Math.trunc(Number(this.overrides[name]))), type: 'whole' }
    }
    const where = declared?.at ?? at
    if (declared?.kind !== 'const' && declared?.kind !== 'override') {
      throw new WgslError(`constant ${name} is not declared in the source`, at)
    }
    if (declared.value.length === 0) throw new WgslError(`${declared.kind} ${name} has no value`, where)
    if (this.chain.includes(name)) throw new WgslError(`constant ${name} depends on itself`, where)
    const chain = [...this.chain, name]
    const value = new Expression(this.module, declared.value, this.overrides, chain).read()
    const type = textOf(declared.type)
    return type === 'u32' || type === 'i32' ? this.checked({ ...value, type }) : value
  }

  private checked(value: Value): Value {
    if (value.type === 'bool') return value
    const [least, most] = RANGES[value.type]
    if (value.value >= least && value.value <= most) return value
    return this.fail(`is ${value.value}, which is no ${value.type === 'whole' ? 'number of WGSL' : value.type}`)
  }
}
