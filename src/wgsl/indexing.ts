/** Finds where WGSL uses an index that is not a constant, and how long what it goes into is. */
import { evaluate } from './constants'
import { Expressions, type Indexed, type Scopes } from './expressions'
import { type Module, moduleOf } from './module'
import { endOfBrackets, endOfGroup, readTokens, type Token, textOf, WgslError } from './tokens'

/** One `base[index]`, with offsets in the source. */
export interface IndexUse {
  /** `base[index]` as it is written. */
  text: string
  /** Of the base. */
  at: number
  /** The index is between these two. */
  open: number
  close: number
  /** Elements of the base; null if its type is not known. */
  count: number | null
}

/** All of them in the functions whose place `wanted` holds, in order; constant indices are a compiler's to check. */
export function indexUses(source: string, wanted: (at: number) => boolean): IndexUse[] {
  const module = moduleOf(source)
  const { tokens } = readTokens(source)
  const expressions = new Expressions(module)
  const places = new Map(tokens.map(({ at }, i) => [at, i]))
  return module.declarations.flatMap((declared) => {
    const start = declared.kind === 'fn' && wanted(declared.at) ? places.get(declared.at)! : -1
    if (start < 0) return []
    const parameters = new Map(declared.members.map(({ name, type }) => [name, expressions.typeNamed(type)]))
    const signature = endOfBrackets(tokens, start + 2) ?? tokens.length
    const body = tokens.findIndex(({ text }, i) => i >= signature && text === '{')
    return body < 0 ? [] : new Body(tokens, expressions, module, parameters).read(body)
  })
}

class Body {
  private readonly scopes: { names: Map<string, Indexed>; end: number }[] = []
  private readonly uses: IndexUse[] = []

  constructor(
    private readonly tokens: readonly Token[],
    private readonly expressions: Expressions,
    private readonly module: Module,
    parameters: Map<string, Indexed>,
  ) {
    this.scopes.push({ names: parameters, end: Number.POSITIVE_INFINITY })
  }

  /** @param start The opening brace of the function. */
  read(start: number): IndexUse[] {
    const { tokens } = this
    const end = endOfBrackets(tokens, start) ?? tokens.length
    /** Declarations whose names are known after their statement: its end, name and type. */
    let pending: { end: number; name: string; type: () => Indexed } | undefined
    let constantUntil = 0
    for (let i = start; i < end; i++) {
      while (this.scopes.at(-1)!.end <= i) this.scopes.pop()
      if (pending && i >= pending.end) {
        this.scopes.at(-1)!.names.set(pending.name, pending.type())
        pending = undefined
      }
      const { text } = tokens[i]
      if (text === '{') this.scopes.push({ names: new Map(), end: endOfBrackets(tokens, i) ?? end })
      else if (text === 'for') this.scopes.push({ names: new Map(), end: this.endOfLoop(i, end) })
      else if (text === 'let' || text === 'var' || text === 'const') {
        const statement = this.endOfStatement(i, end)
        if (text === 'const') constantUntil = statement
        pending = this.declaration(i, statement)
      } else if (text === 'const_assert' || text === 'case') constantUntil = this.endOfStatement(i, end)
      else if (text === '[' && i >= constantUntil) this.note(i)
    }
    return this.uses
  }

  private endOfLoop(i: number, end: number): number {
    const header = endOfBrackets(this.tokens, i + 1) ?? end
    return this.tokens[header]?.text === '{' ? (endOfBrackets(this.tokens, header) ?? end) : header
  }

  /** The semicolon, or the colon or brace of a `case`. */
  private endOfStatement(i: number, end: number): number {
    const isCase = this.tokens[i].text === 'case'
    let j = i
    while (j < end && this.tokens[j].text !== ';' && !(isCase && /^[:{]$/.test(this.tokens[j].text))) j++
    return j
  }

  private declaration(i: number, end: number) {
    const { tokens, expressions } = this
    const at = tokens[i + 1]?.text === '<' ? endOfGroup(tokens, i + 1) : i + 1
    const equals = tokens.findIndex(({ text }, j) => j > at && j < end && text === '=')
    const declared = tokens[at + 1]?.text === ':' ? tokens.slice(at + 2, equals < 0 ? end : equals) : []
    const value = equals < 0 ? [] : tokens.slice(equals + 1, end)
    const scopes = this.visible()
    const type = () => (declared.length > 0 ? expressions.typeNamed(declared) : expressions.typeOf(value, scopes))
    return { end, name: tokens[at]?.text ?? '', type }
  }

  private visible(): Scopes {
    return this.scopes.map(({ names }) => names)
  }

  /** @param open The bracket of an index. */
  private note(open: number): void {
    const { tokens } = this
    const close = (endOfBrackets(tokens, open) ?? tokens.length) - 1
    const start = this.startOfBase(open)
    const index = tokens.slice(open + 1, close)
    if (start === open || close <= open + 1 || this.isConstant(index)) return
    let type = this.expressions.typeOf(tokens.slice(start, open), this.visible())
    if (type.kind === 'pointer') type = type.to
    this.uses.push({
      text: textOf(tokens.slice(start, close + 1)),
      at: tokens[start].at,
      open: tokens[open].at + 1,
      close: tokens[close].at,
      count: 'count' in type ? type.count : null,
    })
  }

  /** Whether the index is a constant, which no local takes the name of. */
  private isConstant(index: readonly Token[]): boolean {
    if (index.some(({ text }) => this.scopes.some(({ names }) => names.has(text)))) return false
    try {
      evaluate(this.module, index)
      return true
    } catch (error) {
      if (error instanceof WgslError) return false
      throw error
    }
  }

  /** Where the names, members, indices and calls before `open` begin. */
  private startOfBase(open: number): number {
    const { tokens } = this
    let i = open
    while (i > 0) {
      const { text, kind } = tokens[i - 1]
      if (text === ']') i = this.opening(i - 1)
      else if (text === ')') {
        i = this.opening(i - 1)
        if (tokens[i - 1]?.text === '>') i = this.opening(i - 1)
        if (tokens[i - 1]?.kind !== 'name' || /^(if|while|return|switch)$/.test(tokens[i - 1].text)) return i
      } else if (kind === 'name') {
        i--
        if (tokens[i - 1]?.text !== '.') return i
        i--
      } else return i
    }
    return i
  }

  /** The bracket that the one at `i` closes. */
  private opening(i: number): number {
    const pairs: Record<string, string> = { ')': '(', ']': '[', '>': '<' }
    const { text } = this.tokens[i]
    let depth = 0
    for (let j = i; j >= 0; j--) {
      if (this.tokens[j].text === text) depth++
      else if (this.tokens[j].text === pairs[text] && --depth === 0) return j
    }
    return i
  }
}
