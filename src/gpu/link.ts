/**
 * The linker of WGSL modules. `//#import "shaders/lib/rng.wgsl"`, on a line of its own, brings in a module;
 * `//#import "env"` brings in whatever the host binds to the slot `env`. Every module is included once, before the
 * first one that needs it, and keeps its line numbers: `origin` gives the author's file and line of each linked line.
 * Directives (`enable`, `diagnostic`) of all modules come first, as the language wants them.
 */

export interface Slot {
  /** Shown in errors. */
  file: string
  source: string
}

export interface Linked {
  code: string
  /** For each line of `code`, from 0: the file and the line in it, from 1. */
  origin: { file: string; line: number }[]
}

export class LinkError extends Error {
  override name = 'LinkError'
}

const DIRECTIVE = /^(?:enable|requires|diagnostic)\b/
const IMPORT = /^\s*\/\/#import\b(.*)$/
const DECLARATION = /^\s*(?:@\w+(?:\([^)]*\))?\s*)*(?:fn|struct|const|override|alias|var(?:<[^>]*>)?)\s+([A-Za-z_]\w*)/

/**
 * Links the module at `path` of `sources`.
 * @throws LinkError for an unknown import, a cycle, or a name declared twice, with file and line.
 */
export function link(path: string, sources: ReadonlyMap<string, string>, slots: Record<string, Slot> = {}): Linked {
  const lines: string[] = []
  const origin: Linked['origin'] = []
  const directives: string[] = []
  const directiveOrigin: Linked['origin'] = []
  const declared = new Map<string, string>()
  const done = new Set<string>()

  const include = (name: string, chain: string[], from: string): void => {
    if (chain.includes(name)) throw new LinkError(`${from}: import cycle ${[...chain, name].join(' -> ')}`)
    if (done.has(name)) return
    const slot = Object.hasOwn(slots, name) ? slots[name] : undefined
    const source = slot?.source ?? sources.get(name)
    if (source === undefined) {
      const known = [...Object.keys(slots), ...sources.keys()].join(', ')
      throw new LinkError(`${from}: unknown import ${JSON.stringify(name)}. Known: ${known}.`)
    }
    const file = slot?.file ?? name
    const text = source.split('\n')
    text.forEach((line, i) => {
      const match = IMPORT.exec(line)
      if (!match) return
      const target = /^\s+"([^"]+)"\s*$/.exec(match[1])
      if (!target) throw new LinkError(`${file}:${i + 1}: cannot read ${line.trim()}. Write //#import "path".`)
      include(target[1], [...chain, name], `${file}:${i + 1}`)
    })
    checkDeclarations(file, text, declared)
    text.forEach((line, i) => {
      const place = { file, line: i + 1 }
      const isDirective = DIRECTIVE.test(line)
      if (isDirective && !directives.includes(line)) {
        directives.push(line)
        directiveOrigin.push(place)
      }
      lines.push(isDirective ? '' : line)
      origin.push(place)
    })
    done.add(name)
  }

  include(path, [], path)
  return { code: [...directives, ...lines].join('\n'), origin: [...directiveOrigin, ...origin] }
}

/** Records the names declared at module scope; a second declaration is an error. */
function checkDeclarations(file: string, lines: string[], declared: Map<string, string>): void {
  let depth = 0
  lines.forEach((raw, i) => {
    const line = raw.replace(/\/\/.*$/, '')
    const name = depth === 0 ? DECLARATION.exec(line)?.[1] : undefined
    if (name !== undefined) {
      const here = `${file}:${i + 1}`
      const before = declared.get(name)
      if (before) throw new LinkError(`${here}: ${name} is declared twice, first at ${before}`)
      declared.set(name, here)
    }
    for (const c of line) depth += c === '{' ? 1 : c === '}' ? -1 : 0
  })
}
