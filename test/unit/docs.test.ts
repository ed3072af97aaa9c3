/** The documents say what the code says: tables of options, metrics and environments, links, commands. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import { actionDim, obsDim } from '../../src/env/contract'
import { SHADERS } from '../../src/gpu/shaders'
import { metricsRow } from '../../src/metrics'
import { WITH_TABLES, withTables } from '../docs/tables'

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'docs/decisions.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/options.md',
  'shaders/README.md',
  'examples/pointmass/README.md',
  'harness/peers/README.md',
]
const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')

/** The cells of every table row below a heading, up to the next heading of the same level. */
function rowsOf(document: string, heading: string): string[][] {
  const section = document.split(/^## /m).find((text) => text.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`there is no section "## ${heading}"`)
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.map((line) => line.split('|').slice(1, -1)).map((cells) => cells.map((cell) => cell.trim()))
}

describe.each(WITH_TABLES)('%s', (path) => {
  const text = read(path)

  it('its tables say what the code says: `npm run tables` writes them', () => {
    expect(text).toContain('<!-- table ')
    expect(withTables(text)).toBe(text)
  })

  it('and a table that says something else is noticed', () => {
    // The last line of the last table, with another first cell.
    const outdated = text.replace(/(\n\| )[^|]+(\|[^\n]*\n\n<!-- end -->)(?![\s\S]*<!-- end -->)/, '$1another $2')
    expect(outdated).not.toBe(text)
    expect(withTables(outdated)).toBe(text)
  })
})

test('every metric of a row, in order', () => {
  const raw = { iteration: 1, status: 0, situations: [], badBuffer: 0, rollout: { episodes: 0 } }
  const fields = Object.keys(metricsRow(raw as never, 1)!).map((name) => `\`${name}\``)
  const names = rowsOf(readme, 'Metrics').map(([name]) => name)
  expect(names.filter((name) => name.startsWith('`'))).toEqual(fields)
})

test('every environment, with its sizes, time limit and threshold', () => {
  const rows = rowsOf(readme, 'Environments').slice(2)
  const expected = ENVS.map((spec) => [
    spec.id,
    `${obsDim(spec)}`,
    spec.actionSpace.kind === 'discrete' ? `${actionDim(spec)} discrete` : `box of ${actionDim(spec)}`,
    `${spec.maxEpisodeSteps}`,
    `${spec.rewardThreshold ?? 'none'}`,
  ])
  const plain = (cell: string): string => cell.replace(/^\[`?([^\]`]*)`?\]\([^)]*\)$/, '$1')
  expect(rows.map((cells) => cells.slice(0, 5).map(plain))).toEqual(expected)
})

test.each(['pointmass.wgsl', 'pointmass.ts', 'spec.ts', 'main.ts'])("the example's %s, whole", (name) => {
  const indented = read(`examples/pointmass/${name}`)
    .trimEnd()
    .replace(/^(?=.)/gm, '    ')
  expect(readme).toContain(`\n\n${indented}\n\n`)
})

test('every kernel and every module of shaders/', () => {
  const text = read('shaders/README.md')
  const link = (path: string): string => (path.startsWith('shaders/') ? path.slice('shaders/'.length) : `../${path}`)
  const missing = [...SHADERS.keys()].filter((path) => !text.includes(`](${link(path)})`))
  expect(missing).toEqual([])
})

describe.each(DOCUMENTS)('%s', (path) => {
  const text = read(path)
  const folder = new URL(`../../${path}`, import.meta.url)

  it('every relative link leads to a file', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
    const relative = targets.filter((target) => !/^(https?:|#)/.test(target)).map((target) => target.split('#')[0])
    expect(relative.filter((target) => !existsSync(new URL(target, folder)))).toEqual([])
  })

  it('every path of a source file in `code` is a file', () => {
    const pattern = /`((?:src|shaders|envs|harness|test)\/[\w./-]+\.(?:ts|wgsl|js|json|md|safetensors))`/g
    const paths = [...text.matchAll(pattern)].map(([, file]) => file)
    expect(paths.filter((file) => !existsSync(new URL(`../../${file}`, import.meta.url)))).toEqual([])
  })

  it('every `npm run` command exists', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
    const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name)
    expect(named.filter((name) => !scripts.includes(name))).toEqual([])
  })

  it('every link inside the document leads to a heading', () => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-')
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading))
    const inside = [...text.matchAll(/\]\(#([^)\s]+)\)/g)].map(([, target]) => target)
    expect(inside.filter((target) => !headings.includes(target))).toEqual([])
  })
})
