import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import type { ActionSpace } from '../../src/env/contract'
import { KERNELS, SHADERS } from '../../src/gpu/shaders'
import { DISTRIBUTIONS } from '../../src/model/distributions/table'
import { moduleOf } from '../../src/wgsl/module'
import { importsOf, sourceFiles } from '../support/imports'
import { roomOf } from '../support/rooms'

const kernels = [...KERNELS].map(([stem, path]) => ({ stem, path, source: SHADERS.get(path)! }))
const root = (path: string): URL => new URL(`../../${path}`, import.meta.url)
const tests = (readdirSync(root('test'), { recursive: true }) as string[]).map((path) => path.replaceAll('\\', '/'))

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

/** Where the twin of a kernel may be: src/reference, or the folder of the kernel. */
const twinsOf = (stem: string, path: string): string[] =>
  ['src/reference', ...(path.startsWith('src/') ? [dirname(path)] : [])].map((folder) => `${folder}/${stem}.ts`)

/** The files that a twin imports, directly or not, and itself; type-only imports run nothing. */
function reachedFrom(twin: string): string[] {
  const seen = new Set([twin])
  for (const file of seen) {
    const code = readFileSync(root(file), 'utf8').replace(/^(import|export) type [^']*'[^']*'$/gm, '')
    for (const other of importsOf(file, code)) seen.add(other)
  }
  return [...seen]
}

test('there are kernels, each file of shaders/ but its library is one, and no two have the same name', () => {
  expect(kernels.length).toBeGreaterThan(15)
  const paths = kernels.map(({ path }) => path)
  expect([...SHADERS.keys()].filter((path) => /^shaders\/\w+\.wgsl$/.test(path) && !paths.includes(path))).toEqual([])
  const withEntry = [...SHADERS].filter(([, source]) =>
    moduleOf(source).declarations.some((d) => isEntry(d.attributes)),
  )
  expect(withEntry.map(([path]) => path).sort()).toEqual(paths.sort())
})

test('the search for what a twin reaches finds src/gpu where it is reached', () => {
  expect(reachedFrom('src/plan/runplan.ts').map(roomOf)).toContain('gpu')
})

describe.each(kernels)('$path', ({ stem, path, source }) => {
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
    const twin = /^\/\/ twin: +(.*)$/m.exec(source)?.[1]
    expect(twinsOf(stem, path)).toContain(twin)
    expect(sourceFiles).toContain(twin)
    expect(tests.filter((name) => name.startsWith('kernels/') && name.endsWith(`/${stem}.test.ts`))).toHaveLength(1)
  })

  it('has a twin that takes nothing of src/gpu, by whatever way', () => {
    const twin = /^\/\/ twin: +(.*)$/m.exec(source)![1]
    expect(reachedFrom(twin).filter((file) => roomOf(file) === 'gpu')).toEqual([])
  })

  it('binds at most 8 storage buffers', () => {
    const { declarations } = moduleOf(source)
    expect(declarations.filter(({ space }) => space[0] === 'storage').length).toBeLessThanOrEqual(8)
  })
})

// Slots that kernels.ts binds; any other import must be a file.
const SLOTS = [
  ...['env', 'finite', 'action', 'bounds', 'dist', 'mask', 'reset', 'quad', 'shape', 'shuffle', 'normaliser', 'norm'],
  ...['params', 'params_hyper', 'params_running', 'learning', 'channels', 'grid_rows'],
]

test.each([...SHADERS])('every import of %s is a file or a slot', (_, source) => {
  for (const [, target] of source.matchAll(/^\/\/#import "([^"]+)"$/gm)) {
    expect(SHADERS.has(target) || SLOTS.includes(target), target).toBe(true)
  }
})

test('every module is imported, or bound to a slot by src/plan/kernels.ts or the part that it belongs to', () => {
  const environments = import.meta.glob<string>('../../envs/**/*.wgsl', {
    query: '?raw',
    import: 'default',
    eager: true,
  })
  const all = [...SHADERS.values(), ...Object.values(environments)].join('\n')
  const text = (path: string): string => readFileSync(root(path), 'utf8')
  // Bound by the kind of the distribution, and of the action space.
  const action: Record<Exclude<ActionSpace['kind'], 'box'>, string> = {
    discrete: 'action_discrete',
    multi_discrete: 'action_multi_discrete',
  }
  const byKind: string[] = [...DISTRIBUTIONS, ...Object.values(action)]
  const modules = [...SHADERS.keys()].filter((path) => !kernels.some((kernel) => kernel.path === path))
  const unused = modules.filter((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1, -'.wgsl'.length)
    const beside = sourceFiles.filter((file) => dirname(file) === dirname(path))
    const hosts = ['src/plan/kernels.ts', 'src/plan/inputs.ts', ...beside].map(text)
    const bound = hosts.some((host) => host.includes(`${name}'`) || host.includes(path))
    return !all.includes(`//#import "${path}"`) && !bound && !byKind.includes(name)
  })
  expect(unused).toEqual([])
})
