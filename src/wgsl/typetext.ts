/** Types as text, for comparing them. */
import { evaluate } from './constants'
import type { Module } from './module'
import { endOfGroup, splitList, type Token, textOf, WgslError } from './tokens'

const LETTERS: Record<string, string> = { f32: 'f', u32: 'u', i32: 'i', f16: 'h' }
const MOST_ALIASES = 64

/**
 * A type without aliases, constants and white space: `array<f32,4>`, `vec2f`. What cannot be read stays unchanged: a
 * compiler reports it.
 */
export function typeText(module: Module, tokens: readonly Token[], depth = 0): string {
  const [name, open] = tokens
  if (!name) return ''
  const declared = module.named.get(name.text)
  if (tokens.length === 1 && declared?.kind === 'alias' && depth < MOST_ALIASES) {
    return typeText(module, declared.type, depth + 1)
  }
  if (open?.text !== '<' || endOfGroup(tokens, 1) !== tokens.length) return numberText(module, tokens)
  const parts = splitList(tokens.slice(2, -1)).map((part) => typeText(module, part, depth + 1))
  const short = /^(?:vec[234]|mat[234]x[234])$/.test(name.text) && parts.length === 1 ? LETTERS[parts[0]] : undefined
  return short ? name.text + short : `${name.text}<${parts.join()}>`
}

/** The value of a constant expression; other words unchanged, such as `f32` and `function`. */
function numberText(module: Module, tokens: readonly Token[]): string {
  try {
    return `${evaluate(module, tokens)}`
  } catch (error) {
    if (!(error instanceof WgslError)) throw error
    return textOf(tokens)
  }
}
