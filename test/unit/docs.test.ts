/** The documents agree with the code: tables of options, metrics and environments, links, commands. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { COMMANDS } from '../../harness/commands/commands'
import { SHADERS } from '../../src/gpu/shaders'
import { metricsRow } from '../../src/metrics'
import { OPTIONS } from '../../src/options/options'
import { WITH_TABLES, withTables } from '../docs/tables'
import { anchorsOf } from '../support/anchors'

const root = new URL('../../', import.meta.url)
const inFolders = (folder: string): string[] =>
  readdirSync(new URL(`${folder}/`, root))
    .map((name) => `${folder}/${name}/README.md`)
    .filter((path) => existsSync(new URL(path, root)))
const PAGES = readdirSync(new URL('docs/', root))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
const DOCUMENTS = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'NOTICE.md'],
  ...PAGES,
  ...inFolders('envs'),
  ...inFolders('examples'),
  ...['shaders/README.md', 'harness/peers/README.md', 'test/golden/README.md', 'test/old/README.md'],
]
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

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

test('README.md is short enough to be read: 200 lines, 20 kB', () => {
  const text = read('README.md')
  expect(text.split('\n').length - 1).toBeLessThanOrEqual(200)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20_000)
})

test('docs/README.md lists every page', () => {
  const index = read('docs/README.md')
  const names = PAGES.map((path) => path.slice('docs/'.length)).filter((name) => name !== 'README.md')
  expect(names.filter((name) => !index.includes(`](${name})`))).toEqual([])
})

test('every metric of a row, in order', () => {
  const raw = { iteration: 1, status: 0, situations: [], badBuffer: 0, rollout: { episodes: 0 } }
  const fields = Object.keys(metricsRow(raw as never, 1)!).map((name) => `\`${name}\``)
  const names = rowsOf(read('docs/metrics.md'), 'What does each metric mean?').map(([name]) => name)
  expect(names.filter((name) => name.startsWith('`'))).toEqual(fields)
})

test.each(['pointmass.wgsl', 'pointmass.ts', 'spec.ts', 'main.ts'])("the example's %s, whole", (name) => {
  const language = name.endsWith('.ts') ? 'ts' : 'wgsl'
  expect(read('docs/own-environment.md')).toContain(
    `\n\n\`\`\`${language}\n${read(`examples/pointmass/${name}`)}\`\`\`\n`,
  )
})

test('README.md has the example of the library, which is compiled with everything else', () => {
  expect(read('README.md')).toContain(`\n\n\`\`\`ts\n${read('examples/quickstart/main.ts')}\`\`\`\n`)
})

test('docs/agents.md has the example in Python', () => {
  expect(read('docs/agents.md')).toContain(`\n\n\`\`\`python\n${read('examples/onnx/act.py')}\`\`\`\n`)
})

test('every kernel and every module of shaders/', () => {
  const text = read('shaders/README.md')
  const link = (path: string): string => (path.startsWith('shaders/') ? path.slice('shaders/'.length) : `../${path}`)
  const missing = [...SHADERS.keys()].filter((path) => !text.includes(`](${link(path)})`))
  expect(missing).toEqual([])
})

describe.each(DOCUMENTS)('%s', (path) => {
  const text = read(path)

  it('every link leads to a file, and one with # to a heading in it', () => {
    expect(deadLinks(path, text)).toEqual([])
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
})

/** The links of a document inside the repository that are broken. */
function deadLinks(path: string, text: string): string[] {
  const folder = new URL(path, root)
  const links = [...text.replace(/^```.*?^```/gms, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
  return links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false
    const [file, anchor] = link.split('#')
    const target = file === '' ? folder : new URL(file, folder)
    if (!existsSync(target)) return true
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
  })
}

test('a link that leads nowhere is found', () => {
  const text =
    '# Some `Heading`, twice\n# Some Heading twice\n[a](README.md) [b](nowhere.md) [c](#some-heading-twice-1) [d](#none)'
  expect(anchorsOf(text)).toEqual(['some-heading-twice', 'some-heading-twice-1'])
  expect(deadLinks('docs/options.md', text)).toEqual(['nowhere.md', '#some-heading-twice-1', '#none'])
})

/** `npm run train -- --seed 1`, also over the end of a line, and `npx ppo-webgpu train --seed 1`: command, and the rest. */
function commandLines(text: string): [command: string, rest: string][] {
  const inCode = [...text.matchAll(/^ {4}.*$/gm), ...text.matchAll(/`[^`]+`/g)].map(([code]) =>
    code.replace(/\s+/g, ' '),
  )
  const found = inCode.flatMap((code) => [...code.matchAll(/\b(?:npm run|npx ppo-webgpu) ([\w:-]+)((?: [^`&]*)?)/g)])
  return found.map(([, command, rest]) => [command, rest])
}

/** What of a document's command lines does not exist: scripts, flags, and options after --set. */
function unknownIn(text: string): string[] {
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
  return commandLines(text).flatMap(([name, rest]) => {
    const command = COMMANDS.find((c) => c.name === name)
    if (!command) return scripts.includes(name) ? [] : [name]
    const flags = [...rest.matchAll(/(?<=[ [])--([a-z][\w-]*)/g)].map(([, flag]) => flag)
    const options = [...rest.matchAll(/--set '?(\w+)=/g)].map(([, option]) => option)
    return [
      ...flags
        .filter((flag) => flag !== 'help' && !Object.hasOwn(command.flags, flag))
        .map((flag) => `${name} --${flag}`),
      ...options
        .filter((option) => option !== 'KEY' && !Object.hasOwn(OPTIONS, option))
        .map((o) => `${name} --set ${o}`),
    ]
  })
}

test.each(DOCUMENTS)('%s: every command line has a script, flags and options that exist', (path) => {
  expect(unknownIn(read(path))).toEqual([])
})

test('a flag, an option or a script that does not exist is found', () => {
  const text =
    "    npm run train -- --seed 1 --lr 3 --set 'gama=1'\n\nand `npm run nothing`, `npx ppo-webgpu eval RUN --agnt 1`."
  expect(unknownIn(text)).toEqual(['train --lr', 'train --set gama', 'nothing', 'eval --agnt'])
  expect(commandLines(read('docs/commands.md')).length).toBeGreaterThan(20)
})

test('CITATION.cff names the version of the package', () => {
  const { version, license } = JSON.parse(read('package.json'))
  expect(read('CITATION.cff')).toContain(`\nversion: ${version}\nlicense: ${license}\n`)
})
