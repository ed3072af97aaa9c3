import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ROOMS, roomOf } from '../support/rooms'

const root = new URL('../../', import.meta.url)
const files = ['src', 'envs', 'harness'].flatMap((folder) =>
  (readdirSync(new URL(folder, root), { recursive: true }) as string[])
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((name) => /\.tsx?$/.test(name) && !/node_modules|\/dist\/|^harness\/peers\//.test(name)),
)

/** The files of the project that `code` of `file` imports, types included. */
function importsOf(file: string, code: string): string[] {
  return ts
    .preProcessFile(code, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.') && !name.includes('?'))
    .map((name) => normalize(join(dirname(file), name)).replaceAll('\\', '/'))
    .flatMap((path) => [path, `${path}.ts`, `${path}.tsx`].find((name) => files.includes(name)) ?? [])
}

const imports = new Map(files.map((file) => [file, importsOf(file, readFileSync(new URL(file, root), 'utf8'))]))

/** Nodes of `graph` that lie on a way from themselves to themselves. */
function inCircles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>()
    const open = [...(graph.get(from) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === to) return true
      if (seen.has(next)) continue
      seen.add(next)
      for (const further of graph.get(next) ?? []) open.push(further)
    }
    return false
  }
  return [...graph.keys()].filter((node) => reaches(node, node))
}

describe('imports', () => {
  it('go one way between the rooms', () => {
    const against = files.flatMap((file) =>
      imports
        .get(file)!
        .filter((other) => roomOf(other) !== roomOf(file) && !ROOMS[roomOf(file)]?.includes(roomOf(other)))
        .map((other) => `${file} imports ${other}: ${roomOf(file)} may not import from ${roomOf(other)}`),
    )
    expect(against).toEqual([])
  })

  it('the allowed ones make no circle, and name rooms that there are', () => {
    expect(inCircles(new Map(Object.entries(ROOMS)))).toEqual([])
    const there = new Set(files.map(roomOf))
    expect(Object.keys(ROOMS).toSorted()).toEqual([...there].toSorted())
    for (const [room, others] of Object.entries(ROOMS))
      expect(
        others.filter((other) => !ROOMS[other]),
        room,
      ).toEqual([])
  })

  it('no file imports itself, by whatever way, types included', () => {
    expect(imports.size).toBeGreaterThan(200)
    expect([...imports.values()].flat().length).toBeGreaterThan(800)
    expect(inCircles(imports)).toEqual([])
  })

  it('the search finds a circle, an import of a type, and a dynamic one', () => {
    const circle = { a: ['b'], b: ['c'], c: ['a'], d: ['a'] }
    expect(inCircles(new Map(Object.entries(circle)))).toEqual(['a', 'b', 'c'])
    const code =
      "import type { A } from './run/run'\nexport { b } from './ppo'\nawait import('./gpu/link')\nimport x from './y?raw'"
    expect(importsOf('src/index.ts', code)).toEqual(['src/run/run.ts', 'src/ppo.ts', 'src/gpu/link.ts'])
    expect(existsSync(new URL('src/run/run.ts', root))).toBe(true)
  })
})
