/** The documents say what the code says: tables of options, metrics and environments, links, commands. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import { OPTIONS, PRESETS } from '../../src/config/config'
import { actionDim, obsDim } from '../../src/env/contract'
import { SHADERS } from '../../src/gpu/shaders'
import { metricsRow } from '../../src/metrics'

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
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

type Option = (typeof OPTIONS)[keyof typeof OPTIONS]

/** An option's range as the table writes it. */
function rangeOf(option: Option): string {
  switch (option.type) {
    case 'boolean':
      return '`true`, `false`'
    case 'choice':
      return option.choices.map((choice) => `\`${choice}\``).join(', ')
    case 'sizes':
      return `up to ${option.maxLength} widths, ${option.min} to ${option.max}${option.nullable ? ', or `null`' : ''}`
    default: {
      const low = option.exclusiveMin ? `above ${option.min}` : `${option.min}`
      const high = option.exclusiveMax ? `below ${option.max}` : `${option.max}`
      return `${low} to ${high}${option.nullable ? ', or `null`' : ''}`
    }
  }
}

test('every option, with its default, range and meaning; and nothing else', () => {
  const expected = Object.entries(OPTIONS).map(([name, option]) => {
    return [`\`${name}\``, `\`${JSON.stringify(option.default)}\``, rangeOf(option), option.help]
  })
  const rows = rowsOf(readme, 'Options').filter((cells) => cells.length === 4)
  expect(rows.slice(2)).toEqual(expected)
})

test('every preset, with all that it sets', () => {
  const rows = rowsOf(readme, 'Options').filter((cells) => cells.length === 2)
  const named = [...ENVS.map(({ id, preset }) => ({ name: id, preset }))]
  for (const [name, preset] of Object.entries(PRESETS)) named.push({ name, preset })
  for (const { name, preset } of named) {
    const settings = rows.filter(([names]) => names.includes(`\`${name}\``)).map(([, text]) => text)
    expect(settings, `rows of preset ${name}`).toHaveLength(1)
    const expected = Object.entries(preset).map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    expect(settings[0].split(', '), name).toEqual(expected)
  }
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
