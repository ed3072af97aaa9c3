/**
 * The tokens and comments of WGSL source, with their positions. All code that reads declarations uses this, so that
 * comments are treated the same everywhere. Source: the WGSL specification, "Textual Structure".
 */

export interface Token {
  /** A name is an identifier or a keyword; a sign is one character: `->` is two. */
  kind: 'name' | 'number' | 'sign'
  text: string
  /** Offset in the source. */
  at: number
}

export interface Comment {
  /** A line comment ends before its line break; a block comment may contain others. */
  kind: 'line' | 'block'
  at: number
  end: number
  /** False for a block comment that is never closed. */
  closed: boolean
}

/** A place in WGSL source that cannot be read, and why. */
export class WgslError extends Error {
  override name = 'WgslError'

  /** @param at Offset in the source. */
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message)
  }
}

/** All line breaks of the language; `\r\n` is one. */
export const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/** The line of offset `at`, from 1. */
export const lineAt = (source: string, at: number): number => source.slice(0, at).split(LINE_BREAK).length

/** White space, a line comment, the opening of a block comment, a name, a number, or any other character. */
const NEXT = new RegExp(
  [
    /([\s\u0085\u200e\u200f]+)/,
    /(\/\/[^\n\v\f\r\u0085\u2028\u2029]*)/,
    /(\/\*)/,
    /([\p{XID_Start}_]\p{XID_Continue}*)/u,
    /(0[xX][\da-fA-F]*(?:\.[\da-fA-F]*)?(?:[pP][+-]?\d+)?[iufh]?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[iufh]?)/,
    /[\s\S]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'uy',
)

export function readTokens(source: string): { tokens: Token[]; comments: Comment[] } {
  const tokens: Token[] = []
  const comments: Comment[] = []
  NEXT.lastIndex = 0
  for (let match = NEXT.exec(source); match; match = NEXT.exec(source)) {
    const [text, blank, line, block, name, number] = match
    const at = match.index
    if (name !== undefined) tokens.push({ kind: 'name', text, at })
    else if (number !== undefined) tokens.push({ kind: 'number', text, at })
    else if (line !== undefined) comments.push({ kind: 'line', at, end: at + text.length, closed: true })
    else if (block !== undefined) {
      const close = endOfComment(source, at)
      const end = close ?? source.length
      comments.push({ kind: 'block', at, end, closed: close !== null })
      NEXT.lastIndex = end
    } else if (blank === undefined) tokens.push({ kind: 'sign', text, at })
  }
  return { tokens, comments }
}

/** The position after the block comment that begins at `at`; null if it is never closed. */
function endOfComment(source: string, at: number): number | null {
  const edges = /\/\*|\*\//g
  edges.lastIndex = at
  let depth = 0
  for (let edge = edges.exec(source); edge; edge = edges.exec(source)) {
    depth += edge[0] === '/*' ? 1 : -1
    if (depth === 0) return edges.lastIndex
  }
  return null
}

/** Tokens as one line, without comments: `array<f32, N>`. */
export function textOf(tokens: readonly Token[]): string {
  let text = ''
  let end = tokens[0]?.at ?? 0
  for (const token of tokens) {
    text += token.at > end ? ` ${token.text}` : token.text
    end = token.at + token.text.length
  }
  return text
}

/** Whether `tokens[i]` and the next one are the two characters of `sign`: `->`, `<<`. */
export const isPair = (tokens: readonly Token[], i: number, sign: string): boolean =>
  tokens[i]?.text === sign[0] && tokens[i + 1]?.text === sign[1] && tokens[i + 1].at === tokens[i].at + 1

/** The parts of a list, split at the commas outside of brackets and templates; a trailing comma is allowed. */
export function splitList(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = []
  let part: Token[] = []
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i].text === ',') {
      parts.push(part)
      part = []
      continue
    }
    const end = endOfGroup(tokens, i)
    for (const inside of tokens.slice(i, end)) part.push(inside)
    i = end - 1
  }
  return part.length > 0 ? [...parts, part] : parts
}

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' }

/** The position after the token at `i`; if it opens brackets or a template, after the closing token. */
export function endOfGroup(tokens: readonly Token[], i: number): number {
  const { text } = tokens[i]
  if (text in CLOSING) return endOfBrackets(tokens, i) ?? tokens.length
  if (isPair(tokens, i, '<<')) return i + 2
  if (text !== '<') return i + 1
  for (let j = i + 1; j < tokens.length; ) {
    if (tokens[j].text === '>') return j + 1
    j = endOfGroup(tokens, j)
  }
  return tokens.length
}

/**
 * The position after the bracket that closes the one at `i`; null if there is none. Other kinds of brackets are
 * skipped.
 */
export function endOfBrackets(tokens: readonly Token[], i: number): number | null {
  const open = tokens[i].text
  const close = CLOSING[open]
  let depth = 0
  for (let j = i; j < tokens.length; j++) {
    if (tokens[j].text === open) depth++
    else if (tokens[j].text === close && --depth === 0) return j + 1
  }
  return null
}
