/**
 * The linker of WGSL modules. `//#import "shaders/lib/rng.wgsl"`, on a line of its own, includes a module; `//#import
 * "env"` includes whatever the host binds to the slot `env`. Every module is included once, before the first one that
 * needs it, and keeps its line numbers: `origin` gives the author's file and line of each linked line. Directives
 * (`enable`, `diagnostic`) of all modules come first, as WGSL requires. Lines can be repeated: src/gpu/repeat.ts.
 */

import { nearest } from '../options/suggest'
import { type Module, moduleOf } from '../wgsl/module'
import type { Numbers } from '../wgsl/numbers'
import { LINE_BREAK, lineAt } from '../wgsl/tokens'
import { expandRepeats, RepeatError } from './repeat'

export interface Slot {
  /** Shown in errors. */
  file: string
  source: string
  /** What the limits and lists of `//#repeat` and `//#if` may name, in every module. */
  numbers?: Record<string, Numbers>
}

export interface Linked {
  code: string
  /** For each line of `code`, from 0: the file and the line in it, from 1. */
  origin: { file: string; line: number }[]
}

export class LinkError extends Error {
  override name = 'LinkError'
}

const IMPORT = /^\/\/#import\b(.*)$/
const DIRECTIVES = ['//#import', '//#repeat', '//#if', '//#end']
/** What looks like an import and is only a comment: `//#include "x"`, `//# import "x"`, `// #import "x"`. */
const SLIP = /^\/\/\s*#\s*(\w+)\s*("[^"]+"|'[^']+'|<[^>]+>)\s*;?\s*$/

/**
 * Links the module at `path` of `sources`.
 * @throws LinkError for an unknown import, a cycle, a name declared twice, or a comment or brace that is never closed, with
 * file and line.
 */
export function link(path: string, sources: ReadonlyMap<string, string>, slots: Record<string, Slot> = {}): Linked {
  const lines: string[] = []
  const origin: Linked['origin'] = []
  const directives: string[] = []
  const directiveOrigin: Linked['origin'] = []
  /** Where each name is declared. */
  const declared = new Map<string, () => string>()
  const done = new Set<string>()
  const numbers = new Map(Object.values(slots).flatMap((slot) => Object.entries(slot.numbers ?? {})))

  const include = (name: string, chain: string[], from: string): void => {
    if (chain.includes(name)) throw new LinkError(`${from}: import cycle ${[...chain, name].join(' -> ')}`)
    if (done.has(name)) return
    const slot = Object.hasOwn(slots, name) ? slots[name] : undefined
    const source = slot?.source ?? sources.get(name)
    if (source === undefined) {
      throw new LinkError(
        `${from}: unknown import ${JSON.stringify(name)}${known(name, [...Object.keys(slots), ...sources.keys()])}`,
      )
    }
    const file = slot?.file ?? name
    const expanded = repeated(file, source.split(LINE_BREAK), numbers)
    const text = expanded.lines.join('\n')
    const module = moduleOf(text)
    const lineOf = (at: number): number => expanded.from[lineAt(text, at) - 1]
    const place = (at: number): string => `${file}:${lineOf(at)}`
    if (module.problem) throw new LinkError(`${place(module.problem.at)}: ${module.problem.message}.`)
    for (const { target, at } of importsOf(text, module, place)) include(target, [...chain, name], place(at))
    for (const { name, at } of module.declarations) {
      const before = declared.get(name)
      if (before) throw new LinkError(`${place(at)}: ${name} is declared twice, first at ${before()}`)
      declared.set(name, () => place(at))
    }
    for (const { text: directive, at } of module.directives) {
      if (directives.includes(directive)) continue
      directives.push(directive)
      directiveOrigin.push({ file, line: lineOf(at) })
    }
    withoutDirectives(text, module).forEach((line, i) => {
      lines.push(line)
      origin.push({ file, line: expanded.from[i] })
    })
    done.add(name)
  }

  include(path, [], path)
  return { code: [...directives, ...lines].join('\n'), origin: [...directiveOrigin, ...origin] }
}

/** A file without its folder and ending: people write these in many ways. */
const stemOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1).replace(/\.wgsl$/i, '')

/** At most this many names are listed; of more, only what is written for environments to import. */
const MOST_LISTED = 20

/** What may be meant by an import of `name`, and what there is. */
function known(name: string, names: string[]): string {
  const stem = nearest(stemOf(name), names.map(stemOf))
  const alike = names.filter((other) => stemOf(other) === stem)
  const isFile = (other: string): boolean => other.endsWith('.wgsl')
  const meant = alike.find((other) => isFile(other) === isFile(name)) ?? alike[0] ?? nearest(name, names)
  const hint = meant === undefined ? '' : ` (did you mean ${JSON.stringify(meant)}?)`
  const listed = names.length > MOST_LISTED ? names.filter((other) => /^(shaders\/lib\/)?[^/]+$/.test(other)) : names
  return `${hint}. Known: ${listed.join(', ')}.`
}

function repeated(file: string, lines: string[], numbers: ReadonlyMap<string, Numbers>) {
  try {
    return expandRepeats(lines, numbers)
  } catch (error) {
    if (error instanceof RepeatError) throw new LinkError(`${file}:${error.line}: ${error.message}.`)
    throw error
  }
}

/** The imports of a module, in order: only in line comments, not in block comments. */
function importsOf(text: string, { comments }: Module, place: (at: number) => string) {
  return comments.flatMap(({ kind, at, end }) => {
    const comment = kind === 'line' ? text.slice(at, end) : ''
    const match = IMPORT.exec(comment)
    if (!match) {
      const slip = SLIP.exec(comment)
      if (!slip || DIRECTIVES.includes(comment.split(/\s/)[0])) return []
      throw new LinkError(`${place(at)}: ${comment.trim()} imports nothing. Did you mean //#import ${slip[2]}?`)
    }
    const target = /^\s+"([^"]+)"\s*$/.exec(match[1])
    if (!target) throw new LinkError(`${place(at)}: cannot read ${match[0].trim()}. Write //#import "path".`)
    const before = text.slice(text.lastIndexOf('\n', at) + 1, at)
    if (before.trim() === '') return [{ target: target[1], at }]
    throw new LinkError(`${place(at)}: ${match[0].trim()} stands behind something else. Give it a line of its own.`)
  })
}

/** The lines of a module, with its directives blanked out. */
function withoutDirectives(text: string, { directives }: Module): string[] {
  let rest = text
  for (const { at, end } of directives) {
    rest = rest.slice(0, at) + rest.slice(at, end).replace(/[^\n]/g, ' ') + rest.slice(end)
  }
  return rest.split('\n')
}
