/** The declarations of a WGSL module at module scope, read from its tokens. Bodies of functions are skipped. */
import { type Comment, endOfBrackets, isPair, readTokens, splitList, type Token, textOf, WgslError } from './tokens'

export interface Attribute {
  /** `size` of `@size(16)`. */
  name: string
  at: number
  arguments: Token[]
}

/** A member of a struct or a parameter of a function. */
export interface Member {
  name: string
  at: number
  attributes: Attribute[]
  type: Token[]
}

export interface Declaration {
  kind: 'alias' | 'const' | 'fn' | 'override' | 'struct' | 'var'
  name: string
  /** Of its keyword. */
  at: number
  attributes: Attribute[]
  /** The aliased type, the result of a function, the type of a variable or constant; else empty. */
  type: Token[]
  /** Of a constant, an override or a variable. */
  value: Token[]
  /** Of a struct or a function, in order. */
  members: Member[]
  /** Of a variable: `storage, read_write` without its comma. */
  space: string[]
  /** A member that cannot be read. */
  problem?: WgslError
}

export interface Module {
  /** In the order of the source; a name that is declared twice is listed twice. */
  declarations: Declaration[]
  /** Without second declarations of a name. */
  named: ReadonlyMap<string, Declaration>
  /** `enable`, `requires`, `diagnostic`: from the first character to after the semicolon. */
  directives: { at: number; end: number; text: string }[]
  comments: Comment[]
  /** A comment or a brace that is never closed: what follows it is not read. */
  problem?: WgslError
}

const known = new Map<string, Module>()
/** Number of cached modules; a run has about 20. */
const MOST_KNOWN = 512

/** The declarations of `source`, which is parsed once. */
export function moduleOf(source: string): Module {
  let module = known.get(source)
  if (module) return module
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(source, (module = readModule(source)))
  return module
}

const DIRECTIVES = ['enable', 'requires', 'diagnostic']
const KINDS = ['alias', 'const', 'fn', 'override', 'struct', 'var']
/** Words that begin a statement at module scope, and never occur in a body. */
const FIRST = [...DIRECTIVES, ...KINDS, 'const_assert']
const NEVER_INSIDE = ['alias', 'enable', 'fn', 'override', 'requires', 'struct']

function readModule(source: string): Module {
  const { tokens, comments } = readTokens(source)
  const module: Module = { declarations: [], named: new Map(), directives: [], comments }
  const open = comments.find(({ closed }) => !closed)
  if (open) module.problem = new WgslError('this comment is never closed. Close it with */', open.at)
  let attributes: Attribute[] = []
  for (let i = 0; i < tokens.length; ) {
    const { text } = tokens[i]
    if (text === '@') {
      const { attribute, end } = readAttribute(tokens, i)
      attributes.push(attribute)
      i = end
      continue
    }
    const { end, unclosed } = endOfStatement(tokens, i)
    const own = tokens.slice(i, end)
    if (unclosed) {
      const what = textOf(own.slice(0, 2))
      module.problem ??= new WgslError(`${what}: a { of it is never closed. Close it with }`, tokens[i].at)
    }
    if (DIRECTIVES.includes(text)) module.directives.push({ ...placeOf(own), text: textOf(own) })
    else if (KINDS.includes(text)) module.declarations.push(readDeclaration(own, attributes))
    attributes = []
    i = end
  }
  module.named = new Map(module.declarations.toReversed().map((declaration) => [declaration.name, declaration]))
  return module
}

function placeOf(tokens: readonly Token[]): { at: number; end: number } {
  const last = tokens[tokens.length - 1]
  return { at: tokens[0].at, end: last.at + last.text.length }
}

/**
 * The position after the semicolon or the body that ends the statement at `i`. If the end is missing, the next
 * declaration ends it: a compiler reports the error, and later names are still found.
 */
function endOfStatement(tokens: readonly Token[], i: number): { end: number; unclosed: boolean } {
  let depth = 0
  for (let j = i; j < tokens.length; j++) {
    const { text } = tokens[j]
    if (text === ';' && depth === 0) return { end: j + 1, unclosed: false }
    if (text === '{') depth++
    else if (text === '}' && --depth <= 0) return { end: j + 1, unclosed: false }
    else if (j > i && tokens[j - 1].text !== '@' && (depth > 0 ? NEVER_INSIDE : FIRST).includes(text)) {
      return { end: j, unclosed: depth > 0 }
    }
  }
  return { end: tokens.length, unclosed: depth > 0 }
}

function readAttribute(tokens: readonly Token[], i: number): { attribute: Attribute; end: number } {
  const name = tokens[i + 1]?.text ?? ''
  const { at } = tokens[i]
  if (tokens[i + 2]?.text !== '(') return { attribute: { name, at, arguments: [] }, end: i + 2 }
  const end = endOfBrackets(tokens, i + 2) ?? tokens.length
  return { attribute: { name, at, arguments: tokens.slice(i + 3, end - 1) }, end }
}

/** @param own From the keyword to the semicolon or after the body. */
function readDeclaration(own: Token[], attributes: Attribute[]): Declaration {
  const kind = own[0].text as Declaration['kind']
  const empty = { type: [], value: [], members: [], space: [] }
  let i = 1
  let space: string[] = []
  if (kind === 'var' && own[i]?.text === '<') {
    const close = own.findIndex(({ text }) => text === '>')
    space = own.slice(i + 1, close).flatMap(({ kind, text }) => (kind === 'name' ? [text] : []))
    i = close + 1
  }
  const declaration: Declaration = { ...empty, kind, name: own[i]?.text ?? '', at: own[0].at, attributes, space }
  const rest = own.slice(i + 1)
  if (kind === 'struct') readMembers(declaration, inside(rest, 0))
  else if (kind === 'fn') readSignature(declaration, rest)
  else {
    const end = rest.at(-1)?.text === ';' ? rest.length - 1 : rest.length
    const equals = rest.findIndex(({ text }) => text === '=')
    const declared = equals < 0 ? end : equals
    if (rest[0]?.text === ':') declaration.type = rest.slice(1, declared)
    const value = equals < 0 ? [] : rest.slice(equals + 1, end)
    if (kind === 'alias') declaration.type = value
    else declaration.value = value
  }
  return declaration
}

/** The tokens between the bracket at `i` and its closing bracket. */
function inside(tokens: readonly Token[], i: number): Token[] {
  if (!tokens[i]) return []
  const end = endOfBrackets(tokens, i)
  return tokens.slice(i + 1, end === null ? tokens.length : end - 1)
}

function readSignature(declaration: Declaration, rest: readonly Token[]): void {
  const parameters = inside(rest, 0)
  readMembers(declaration, parameters)
  let i = parameters.length + 2
  if (!isPair(rest, i, '->')) return
  i += 2
  while (rest[i]?.text === '@') i = readAttribute(rest, i).end
  const body = rest.findIndex(({ text }, k) => k >= i && text === '{')
  declaration.type = rest.slice(i, body < 0 ? rest.length : body)
}

/** `name: type` with attributes, split at commas. Anything else is a problem, never left out. */
function readMembers(declaration: Declaration, tokens: readonly Token[]): void {
  for (let part of splitList(tokens)) {
    const attributes: Attribute[] = []
    while (part[0]?.text === '@') {
      const { attribute, end } = readAttribute(part, 0)
      attributes.push(attribute)
      part = part.slice(end)
    }
    const [name, colon, ...type] = part
    if (name?.kind === 'name' && colon?.text === ':' && type.length > 0) {
      declaration.members.push({ name: name.text, at: name.at, attributes, type })
      continue
    }
    const at = name?.at ?? attributes[0]?.at ?? declaration.members.at(-1)?.at ?? declaration.at
    const what = part.length > 0 ? textOf(part) : 'nothing between two commas'
    declaration.problem ??= new WgslError(
      `${declaration.name}: cannot read ${what}. Write each member as name: type, with commas between them`,
      at,
    )
  }
}
