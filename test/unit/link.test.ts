import { describe, expect, it } from 'vitest'
import { findEnv } from '../../envs/registry'
import { resolveConfig } from '../../src/config/config'
import { LinkError, link } from '../../src/gpu/link'
import { SHADERS } from '../../src/gpu/shaders'
import { layoutNetwork, networkShape } from '../../src/model/network'
import { inputSlotsFor } from '../../src/plan/inputs'
import { gridSlots, policySlots, quadSlots } from '../../src/plan/kernels'
import { quadLayers } from '../../src/plan/quadlayers'

const sources = (files: Record<string, string>) => new Map(Object.entries(files))

describe('link', () => {
  const files = sources({
    'a.wgsl': '// a\n//#import "b.wgsl"\n//#import "c.wgsl"\nfn a() {}',
    'b.wgsl': '//#import "c.wgsl"\nfn b() {}',
    'c.wgsl': 'fn c() {}\n',
  })

  it('includes each module once, before the first one that needs it', () => {
    const { code } = link('a.wgsl', files)
    expect(code.match(/fn c\(\)/g)).toHaveLength(1)
    expect(['fn c', 'fn b', 'fn a'].map((name) => code.indexOf(name))).toEqual(
      ['fn c', 'fn b', 'fn a'].map((name) => code.indexOf(name)).toSorted((x, y) => x - y),
    )
  })

  it('keeps every line, and knows where each came from', () => {
    const { code, origin } = link('a.wgsl', files)
    const lines = code.split('\n')
    expect(origin).toHaveLength(lines.length)
    lines.forEach((line, i) => {
      const { file, line: number } = origin[i]
      expect(files.get(file)!.split('\n')[number - 1]).toBe(line)
    })
    expect(origin[lines.indexOf('fn a() {}')]).toEqual({ file: 'a.wgsl', line: 4 })
  })

  it('binds slots, under the name their host gives them', () => {
    const slots = { env: { file: 'envs/pole.wgsl', source: '\nfn step() {}' } }
    const { code, origin } = link('a.wgsl', sources({ 'a.wgsl': '//#import "env"\nfn a() {}' }), slots)
    expect(code).toContain('fn step() {}')
    expect(origin[1]).toEqual({ file: 'envs/pole.wgsl', line: 2 })
    // A slot comes before a file of the same name.
    const both = sources({ 'a.wgsl': '//#import "env"', env: 'fn other() {}' })
    expect(link('a.wgsl', both, slots).code).not.toContain('other')
  })

  it('an unknown import names file and line, and what there is', () => {
    const broken = sources({ 'a.wgsl': '//#import "b.wgsl"', 'b.wgsl': '// b\n\n  //#import "shaders/rgn.wgsl"' })
    expect(() => link('a.wgsl', broken)).toThrow(LinkError)
    expect(() => link('a.wgsl', broken)).toThrow('b.wgsl:3: unknown import "shaders/rgn.wgsl". Known: a.wgsl, b.wgsl.')
    expect(() => link('a.wgsl', sources({ 'a.wgsl': '//#import "constructor"' }))).toThrow(
      'unknown import "constructor"',
    )
    expect(() => link('missing.wgsl', broken)).toThrow('missing.wgsl: unknown import "missing.wgsl"')
  })

  it('a cycle names the file and line that closes it, and the way round', () => {
    const cycle = sources({
      'a.wgsl': '\n//#import "b.wgsl"',
      'b.wgsl': '//#import "c.wgsl"',
      'c.wgsl': '\n\n//#import "b.wgsl"',
    })
    expect(() => link('a.wgsl', cycle)).toThrow('c.wgsl:3: import cycle a.wgsl -> b.wgsl -> c.wgsl -> b.wgsl')
    expect(() => link('a.wgsl', sources({ 'a.wgsl': '//#import "a.wgsl"' }))).toThrow('a.wgsl:1: import cycle')
  })

  it.each([
    ['fn', 'fn x() {}'],
    ['struct', 'struct x { a: f32, }'],
    ['const', 'const x = 1u;'],
    ['override', 'override x: u32 = 1u;'],
    ['alias', 'alias x = f32;'],
    ['private variable', 'var<private> x: f32;'],
    ['binding', '@group(0) @binding(0) var<storage, read> x: array<f32>;'],
    ['entry point', '@compute @workgroup_size(64) fn x() {}'],
    ['the second on its line', 'const y = 1u; const x = 1u;'],
    ['behind a comment', '/* here */ const /* it */ x = 1u;'],
  ])('a name declared twice names both places: %s', (_, declaration) => {
    const twice = sources({ 'a.wgsl': `//#import "b.wgsl"\n\n${declaration}`, 'b.wgsl': '// b\nconst x = 2u;' })
    expect(() => link('a.wgsl', twice)).toThrow('a.wgsl:3: x is declared twice, first at b.wgsl:2')
  })

  it('a declaration over several lines is found where it begins', () => {
    const twice = sources({
      'a.wgsl': '//#import "b.wgsl"\n@group(0)\n@binding(0)\nvar<storage, read_write>\n  x: array<f32>;',
      'b.wgsl': 'alias\n  x = f32;',
    })
    expect(() => link('a.wgsl', twice)).toThrow('a.wgsl:4: x is declared twice, first at b.wgsl:1')
  })

  it('what stands in a block comment is no import, no declaration and no directive', () => {
    const off = '/*\n//#import "ghost.wgsl"\n/* */\nconst x = 1u;\nenable f16;\n*/\nconst x = 2u;'
    expect(link('a.wgsl', sources({ 'a.wgsl': off })).code).toBe(off)
  })

  it('directives come first, once each, wherever they stand', () => {
    const { code, origin } = link(
      'a.wgsl',
      sources({
        'a.wgsl': '//#import "b.wgsl"\n  enable subgroups; // why\nfn a() {}',
        'b.wgsl': 'enable f16; enable  subgroups; fn b() {}\ndiagnostic(off,\n  derivative_uniformity);',
      }),
    )
    const lines = code.split('\n')
    expect(lines.slice(0, 3)).toEqual(['enable f16;', 'enable subgroups;', 'diagnostic(off, derivative_uniformity);'])
    expect(lines.slice(3).join('\n')).not.toMatch(/enable|diagnostic/)
    expect(lines).toContain('                                fn b() {}'.slice(1))
    expect(origin).toHaveLength(lines.length)
    expect(origin.slice(0, 3)).toEqual([
      { file: 'b.wgsl', line: 1 },
      { file: 'b.wgsl', line: 1 },
      { file: 'b.wgsl', line: 2 },
    ])
    expect(origin[lines.indexOf('fn a() {}')]).toEqual({ file: 'a.wgsl', line: 3 })
  })

  it('lines may end as on any system', () => {
    const { code, origin } = link(
      'a.wgsl',
      sources({ 'a.wgsl': '// a\r\n//#import "b.wgsl"\r\nfn a() {}\r\n', 'b.wgsl': '// b\rfn b() {}' }),
    )
    expect(code).toBe('// b\nfn b() {}\n// a\n//#import "b.wgsl"\nfn a() {}\n')
    expect(origin[1]).toEqual({ file: 'b.wgsl', line: 2 })
    expect(origin[4]).toEqual({ file: 'a.wgsl', line: 3 })
  })

  it.each([
    ['a comment', 'fn b() {}\n/* a /* b */\nfn c() {}', 'b.wgsl:2: this comment is never closed. Close it with */.'],
    ['a brace', 'fn b() {\n  if (true) {\n}\n', 'b.wgsl:1: fn b: a { of it is never closed. Close it with }.'],
    ['a brace before a function', '\nfn b() {\nfn c() {}', 'b.wgsl:2: fn b: a { of it is never closed.'],
  ])('%s that is never closed is told at its own place: what follows would be lost', (_, source, message) => {
    const files = sources({ 'a.wgsl': '//#import "b.wgsl"\nconst A = 1u;', 'b.wgsl': source })
    expect(() => link('a.wgsl', files)).toThrow(message)
  })

  it('an import behind something else is an error, not passed over', () => {
    const files = sources({ 'a.wgsl': '\nfn a() {} //#import "b.wgsl"', 'b.wgsl': '' })
    expect(() => link('a.wgsl', files)).toThrow('a.wgsl:2: //#import "b.wgsl" stands behind something else.')
  })

  it('names inside of functions and in comments are no declarations', () => {
    const inside = sources({
      'a.wgsl': '//#import "b.wgsl"\nfn a() {\n  const x = 1;\n  if (x > 0) {\n    const y = 2;\n  }\n}\n// fn x() {}',
      'b.wgsl': 'fn b() {\n  const x = 3;\n  const y = 1;\n}\nconst y = 4;\nfn x() {}',
    })
    expect(() => link('a.wgsl', inside)).not.toThrow()
  })

  it.each(['//#import b.wgsl', '//#import', "//#import 'b.wgsl'", '//#import "b.wgsl" // why', '//#import ""'])(
    'a line that cannot be read is an error: %s',
    (line) => {
      expect(() => link('a.wgsl', sources({ 'a.wgsl': `\n${line}`, 'b.wgsl': '' }))).toThrow(
        `a.wgsl:2: cannot read ${line}. Write //#import "path".`,
      )
    },
  )

  it('an ordinary comment that mentions an import is none', () => {
    const files = sources({ 'a.wgsl': '// see //#import "b.wgsl"\n//#imports\nfn a() {}' })
    expect(link('a.wgsl', files).code).toContain('fn a')
  })
})

it("the project's own library modules need nothing but what they import", () => {
  const slots = {
    env: '',
    finite: '',
    params: '',
    reset: '',
    params_hyper: '',
    params_running: '',
    learning: 'const SIGN_REWARD = false; const EPISODIC_LIFE = false;',
    normaliser: '',
    quad: '',
    norm: '',
    action: '',
    bounds: '',
    dist: '',
    mask: '',
    shape: '',
    shuffle: '',
  }
  const empty = Object.fromEntries(Object.keys(slots).map((name) => [name, { file: name, source: '' }]))
  // The layers' text is made of numbers; it needs nothing else.
  const layout = layoutNetwork(networkShape(findEnv('CartPole-v1'), resolveConfig({}, { hidden: [4] })))
  const { shape } = policySlots(layout.shape)
  for (const path of SHADERS.keys()) {
    const quad = quadSlots(path.includes('rollout') ? 'quad_rollout' : 'quad_gradient', quadLayers(layout)).quad
    const shaped = { ...shape, source: '' }
    const { channels } = inputSlotsFor('bits', 5)
    const { grid_rows } = gridSlots({ rows: 2 })
    expect(
      () => link(path, SHADERS, { ...empty, shape: shaped, channels, grid_rows, quad: { ...quad, source: '' } }),
      path,
    ).not.toThrow()
  }
})
