import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { SHADERS } from '../../src/gpu/shaders'
import { moduleOf } from '../../src/wgsl/module'

const kernels = [...SHADERS].filter(([path]) => /^shaders\/\w+\.wgsl$/.test(path))
const root = (path: string): URL => new URL(`../../${path}`, import.meta.url)

/** The leading comment of a file, one line for each of its labels; a label may run over several lines. */
function headerOf(source: string): string[] {
  const lines = source.split('\n')
  return lines.slice(
    0,
    lines.findIndex((line) => !/^\/\/ /.test(line)),
  )
}

const isEntry = (attributes: { name: string }[]): boolean =>
  ['compute', 'workgroup_size'].every((wanted) => attributes.some(({ name }) => name === wanted))

test('there are kernels', () => {
  expect(kernels.length).toBeGreaterThan(15)
})

describe.each(kernels)('%s', (path, source) => {
  const stem = /(\w+)\.wgsl$/.exec(path)![1]

  it('has one entry point, of its stem', () => {
    const entries = moduleOf(source).declarations.filter(({ attributes }) => isEntry(attributes))
    expect(entries.map(({ kind, name }) => `${kind} ${name}`)).toEqual([`fn ${stem}`])
  })

  it('opens with what it computes, threads, reads, writes and twin, in this order', () => {
    const header = headerOf(source)
    const labels = header.map((line) => /^\/\/ (threads|reads|writes|twin): +\S/.exec(line)?.[1]).filter(Boolean)
    expect(labels).toEqual(['threads', 'reads', 'writes', 'twin'])
    expect(header[0]).toMatch(/^\/\/ [A-Z].{20,}/)
  })

  it('has a twin, which its header names, and a test', () => {
    expect(/^\/\/ twin: +(.*)$/m.exec(source)?.[1]).toBe(`src/reference/${stem}.ts`)
    expect(existsSync(root(`src/reference/${stem}.ts`))).toBe(true)
    expect(existsSync(root(`test/kernels/${stem}.test.ts`))).toBe(true)
  })

  it('binds at most 8 storage buffers', () => {
    const { declarations } = moduleOf(source)
    expect(declarations.filter(({ space }) => space[0] === 'storage').length).toBeLessThanOrEqual(8)
  })
})

// What kernels.ts binds; anything else that is imported must be a file.
const SLOTS = ['env', 'finite', 'action', 'bounds', 'dist', 'quad', 'record', 'shape', 'shuffle', 'normaliser', 'norm']

test.each([...SHADERS])('every import of %s is a file or a slot', (_, source) => {
  for (const [, target] of source.matchAll(/^\/\/#import "([^"]+)"$/gm)) {
    expect(SHADERS.has(target) || SLOTS.includes(target), target).toBe(true)
  }
})

test('every module of the library is imported, or bound by src/plan/kernels.ts', () => {
  const environments = import.meta.glob<string>('../../envs/**/*.wgsl', {
    query: '?raw',
    import: 'default',
    eager: true,
  })
  const all = [...SHADERS.values(), ...Object.values(environments)].join('\n')
  const host = readFileSync(root('src/plan/kernels.ts'), 'utf8')
  const distributions = ['categorical', 'gaussian'] // bound by their names in NetworkShape.dist
  const unused = [...SHADERS.keys()].filter((path) => {
    const name = /^shaders\/lib\/(\w+)\.wgsl$/.exec(path)?.[1]
    const imported = all.includes(`//#import "${path}"`)
    return name && !imported && !host.includes(`'${name}'`) && !distributions.includes(name)
  })
  expect(unused).toEqual([])
})
