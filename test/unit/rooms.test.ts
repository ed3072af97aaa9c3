import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sourceFiles as files, importsFrom, importsOf } from '../support/imports'
import { ROOMS, roomOf } from '../support/rooms'

const imports = new Map(files.map((file) => [file, importsFrom(file)]))

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
    expect(existsSync(new URL('../../src/run/run.ts', import.meta.url))).toBe(true)
  })
})
