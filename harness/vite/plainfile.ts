/** A user's file, and its imports, for Vite: through links with plain names if the path contains `#` or `?`. */
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import type { Plugin } from 'vite'
import { isAwkward, plainLink, plainPath } from './plainpath.js'

export interface PlainFile {
  path: string
  /** Whether Vite must keep links as they are. */
  isLink: boolean
  /** A path as the user has it, of one that Vite sees. */
  actual(path: string): string
  /** Resolves imports from outside of the linked folder. */
  plugin: Plugin
  close(): void
}

export function plainFile(file: string): PlainFile {
  const real = resolve(file)
  const base = lastAwkward(dirname(real))
  const folder = plainPath(base)
  /** The path under which Vite sees a file. */
  const shown = (path: string) => (path.startsWith(base + sep) ? join(folder.path, relative(base, path)) : path)
  const entry = isAwkward(basename(real)) ? plainLink(shown(real), `entry${extname(real)}`) : null
  const links = new Map([[folder.path, base], ...(entry ? [[entry.path, real] as const] : [])])
  const actual = (path: string) => {
    for (const [link, target] of links) {
      if (path === link || path.startsWith(link + sep)) return join(target, relative(link, path))
    }
    return path
  }
  return {
    path: entry?.path ?? shown(real),
    isLink: folder.isLink || entry !== null,
    actual,
    plugin: {
      name: 'plain-file',
      enforce: 'pre',
      async resolveId(source, importer, options) {
        if (!importer || actual(importer) === importer) return null
        const at = actual(importer)
        const wanted = /^\.\.?(\/|$)/.test(source) ? shown(resolve(dirname(at), source)) : source
        const own = await this.resolve(wanted, importer, { ...options, skipSelf: true })
        return own ?? this.resolve(source, at, { ...options, skipSelf: true })
      },
    },
    close() {
      entry?.close()
      folder.close()
    },
  }
}

/** The innermost folder of a path whose own name is awkward; the path itself if there is none. */
function lastAwkward(path: string): string {
  for (let at = path; dirname(at) !== at; at = dirname(at)) if (isAwkward(basename(at))) return at
  return path
}
