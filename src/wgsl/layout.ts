/**
 * Types of WGSL with their sizes and offsets in memory. Source: the WGSL specification, "Memory Layout": alignment and
 * size of every type, and of struct members with `@align` and `@size`.
 */
import { evaluate, type Overrides } from './constants'
import { type Attribute, type Declaration, type Member, type Module, moduleOf } from './module'
import { endOfGroup, splitList, type Token, textOf, WgslError } from './tokens'
import { type ArrayType, builtInType, roundUp, type StructType, type Type } from './types'

const MOST_BYTES = 2 ** 31

/** Reads the types of one module. */
export class Types {
  private readonly structs = new Map<string, StructType>()

  constructor(
    readonly module: Module,
    private readonly overrides: Overrides = {},
  ) {}

  static of(source: string, overrides?: Overrides): Types {
    return new Types(moduleOf(source), overrides)
  }

  /** The type named by `tokens`. @throws WgslError if it has no fixed size, or cannot be read. */
  read(tokens: readonly Token[], chain: readonly string[] = []): Type {
    const { name, parts, at } = this.templated(tokens)
    const declared = this.module.named.get(name)
    if (declared?.kind === 'struct' || declared?.kind === 'alias') {
      if (parts.length > 0) throw new WgslError(`${textOf(tokens)}: ${name} takes nothing in <>`, at)
      if (chain.includes(name)) throw new WgslError(`${name} depends on itself`, declared.at)
      const next = [...chain, name]
      return declared.kind === 'alias' ? this.read(declared.type, next) : this.struct(declared, next)
    }
    if (declared) throw new WgslError(`${name} is a ${declared.kind}, not a type`, at)
    return this.builtIn(tokens, name, parts, chain)
  }

  private templated(tokens: readonly Token[]): { name: string; parts: Token[][]; at: number } {
    const [first, open] = tokens
    const fail = (): never => {
      throw new WgslError(`cannot read the type ${textOf(tokens) || 'of nothing'}`, first?.at ?? 0)
    }
    if (first?.kind !== 'name') return fail()
    if (!open) return { name: first.text, parts: [], at: first.at }
    if (open.text !== '<' || tokens.at(-1)!.text !== '>' || endOfGroup(tokens, 1) !== tokens.length) return fail()
    const parts = splitList(tokens.slice(2, -1))
    return parts.length > 0 && parts.every((part) => part.length > 0)
      ? { name: first.text, parts, at: first.at }
      : fail()
  }

  private builtIn(tokens: readonly Token[], name: string, parts: Token[][], chain: readonly string[]): Type {
    if (name === 'array') return this.array(tokens, parts, chain)
    const text = textOf(tokens)
    const fail = (what: string): never => {
      throw new WgslError(`${text} ${what}`, tokens[0].at)
    }
    if (parts.length > 1 && name !== 'ptr') return fail('has too much in its <>')
    const element = parts.length === 1 ? this.read(parts[0], chain) : undefined
    return builtInType(name, text, element, fail)
  }

  private array(tokens: readonly Token[], parts: Token[][], chain: readonly string[]): ArrayType {
    const { at } = tokens[0]
    const text = textOf(tokens)
    if (parts.length === 1) throw new WgslError(`${text} has no length. Give it one: array<${textOf(parts[0])}, 8>`, at)
    if (parts.length !== 2) throw new WgslError(`${text} is not an array. Write array<f32, 8>`, at)
    const element = this.read(parts[0], chain)
    const count = evaluate(this.module, parts[1], this.overrides)
    const stride = roundUp(element.align, element.size)
    if (count < 1 || stride * count > MOST_BYTES) {
      throw new WgslError(`${text} has ${count} elements. Use 1 or more, at most ${MOST_BYTES} bytes in all`, at)
    }
    return { kind: 'array', element, count, stride, size: stride * count, align: element.align }
  }

  private struct(declared: Declaration, chain: readonly string[]): StructType {
    const known = this.structs.get(declared.name)
    if (known) return known
    if (declared.problem) throw declared.problem
    const { name, members } = declared
    if (members.length === 0) throw new WgslError(`${name} has no members. Give it one`, declared.at)
    const type: StructType = { kind: 'struct', name, size: 0, align: 1, fields: [] }
    for (const member of members) {
      if (type.fields.some((field) => field.name === member.name)) {
        throw new WgslError(`${name}.${member.name} is declared twice. Rename one`, member.at)
      }
      const place = this.member(name, member, chain)
      const offset = roundUp(place.align, type.size)
      type.fields.push({ name: member.name, type: place.type, offset, at: member.at })
      type.size = offset + place.size
      type.align = Math.max(type.align, place.align)
    }
    type.size = roundUp(type.align, type.size)
    this.structs.set(name, type)
    return type
  }

  /** The type of a member, and its alignment and size in the struct with `@align` and `@size`. */
  private member(struct: string, { name, at, type: tokens, attributes }: Member, chain: readonly string[]) {
    const path = `${struct}.${name}`
    const type = named(path, () => this.read(tokens, chain))
    const given = (which: string): number | undefined => {
      const found = attributes.filter((attribute) => attribute.name === which)
      if (found.length > 1) throw new WgslError(`${path}: @${which} is given twice`, at)
      return found[0] && named(`${path}: @${which}`, () => this.attribute(found[0]))
    }
    const { align = type.align, size = type.size } = { align: given('align'), size: given('size') }
    if (Math.log2(align) % 1 !== 0 || align < type.align) {
      throw new WgslError(
        `${path}: @align(${align}) is not possible. Use a power of 2 from ${type.align} on: ${textOf(tokens)} lies on ` +
          `multiples of ${type.align}`,
        at,
      )
    }
    if (size < type.size) {
      throw new WgslError(`${path}: @size(${size}) is too small. ${textOf(tokens)} takes ${type.size} bytes`, at)
    }
    return { type, align, size }
  }

  private attribute({ name, arguments: given, at }: Attribute): number {
    const [value, ...more] = splitList(given)
    if (!value?.length || more.length > 0) throw new WgslError(`takes one number: @${name}(16)`, at)
    return evaluate(this.module, value, this.overrides)
  }
}

/** Prefixes errors of `read` with `path`. */
function named<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof WgslError)) throw error
    throw new WgslError(`${path}: ${error.message}`, error.at)
  }
}
