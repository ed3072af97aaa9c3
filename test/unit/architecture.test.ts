/** ARCHITECTURE.md is short, and has every folder and every kernel. Its tables: docs.test.ts. */
import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { KERNELS } from '../../src/gpu/shaders'
import { ROOMS, roomOf } from '../support/rooms'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const text = read('ARCHITECTURE.md')

/** The text below a heading, up to the next one of the same level. */
function section(heading: string): string {
  const found = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  if (found === undefined) throw new Error(`ARCHITECTURE.md: there is no section "## ${heading}"`)
  return found
}

test.each([
  ['ARCHITECTURE.md', 250],
  ['CONTRIBUTING.md', 200],
])('%s has at most %i lines', (path, most) => {
  expect(read(path).trimEnd().split('\n').length).toBeLessThanOrEqual(most)
})

describe('the map', () => {
  const map = section('Map')
  // `src/run/`, `src/ppo.ts`, `envs/`: the first word of an indented line.
  const folders = [...map.matchAll(/^ {4}((?:src|envs|harness)\/\S*)/gm)].map(([, path]) => path)
  const rooms = folders.map((path) => (path === 'harness/' || path === 'envs/' ? path.slice(0, -1) : roomOf(path)))

  it('has every folder that may be imported from, once', () => {
    const all = Object.keys(ROOMS).filter((room) => !room.startsWith('harness/'))
    expect(rooms.toSorted()).toEqual(all.toSorted())
  })

  it('lists a folder above all that it imports from', () => {
    const wrong = rooms.flatMap((room, i) =>
      ROOMS[room]
        .filter((other) => rooms.includes(other) && rooms.indexOf(other) <= i)
        .map((other) => `${room}: ${other}`),
    )
    expect(wrong).toEqual([])
  })

  it('names every folder of the harness', () => {
    const inHarness = Object.keys(ROOMS).filter((room) => room.startsWith('harness/'))
    expect(inHarness.length).toBeGreaterThan(15)
    expect(inHarness.filter((room) => !new RegExp(`\\b${room.slice('harness/'.length)}\\b`).test(map))).toEqual([])
  })
})

test('one iteration names every kernel', () => {
  const iteration = section('One iteration')
  expect([...KERNELS.keys()].filter((stem) => !iteration.includes(`\`${stem}\``))).toEqual([])
})
