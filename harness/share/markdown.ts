/** Texts from outside in Markdown and YAML: they stay text, whatever is in them. */
import { largest } from '../../src/extremes'

/** One line of text, in which nothing is markup. */
export const text = (value: string): string =>
  oneLine(value).replace(/[\\`*_[\]<>&|~$!@:]/g, (c) => (/[<>&]/.test(c) ? `&#${c.charCodeAt(0)};` : `\\${c}`))

const oneLine = (value: string): string => value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')

/** Code in a line, in a fence that is longer than any in it. A `|` would end a cell of a table. */
export function code(value: string): string {
  const inside = oneLine(value).replaceAll('|', '¦')
  const fence = '`'.repeat(longest(inside) + 1)
  return `${fence}${inside.startsWith('`') || inside.endsWith('`') ? ` ${inside} ` : inside}${fence}`
}

/** A block of code, with invisible characters as `\\u202e`. */
export function block(language: string, value: string): string {
  const fence = '`'.repeat(Math.max(3, longest(value) + 1))
  return `${fence}${language}\n${value.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapes)}\n${fence}`
}

const escapes = (text: string): string => text.replace(/[\s\S]/g, escapeOf)
const escapeOf = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

const longest = (value: string): number =>
  largest(
    (value.match(/`+/g) ?? []).map((run) => run.length),
    0,
  )

/** A text of YAML in double quotes: with its escapes it holds any text. */
export const yamlText = (value: string): string => JSON.stringify(value).replace(/[^\x20-\x7e]/g, escapeOf)

export type Yaml = string | number | boolean | Yaml[] | { [key: string]: Yaml }

/** YAML in blocks, with every text in quotes. Keys are ours, and plain. */
export function yaml(value: Yaml, indent = ''): string {
  if (typeof value === 'string') return yamlText(value)
  if (typeof value !== 'object') return String(value)
  const deeper = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((entry) => `${indent}- ${yaml(entry, deeper).trimStart()}`)
    : Object.entries(value).map(([key, entry]) => {
        const isBlock = typeof entry === 'object'
        return `${indent}${key}:${isBlock ? `\n${yaml(entry, deeper)}` : ` ${yaml(entry)}`}`
      })
  return lines.join('\n')
}
