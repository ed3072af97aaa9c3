import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readStruct, reflectBindings, reflectStruct, writeStruct } from '../../src/gpu/reflect'

const code = `
const COUNT = 3u;
struct Inner {
  a: f32,
  b: vec2u, // 8 bytes, on a multiple of 8
}
struct All {
  one: u32,
  three: vec3f,       // on a multiple of 16, 12 bytes long
  after_three: i32,   // in the gap behind it
  four: vec4<f32>,
  list: array<f32, 5>,
  counted: array<u32, COUNT>,
  inner: Inner,
  inners: array<Inner, 2>,
  last_one: f32,
}
// struct Ghost { a: f32, }
@group(0) @binding(0) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(2)
var<storage, read_write> all: array<All>;
// @group(0) @binding(3) var<storage, read> ghost: array<f32>;
@group(1) @binding(0) var<uniform> args: All;
var<workgroup> scratch: array<f32, 64>;
`

describe('reflectBindings', () => {
  it('finds them in order, without comments and other variables', () => {
    expect(reflectBindings(code)).toEqual([
      { name: 'inputs', group: 0, binding: 0, access: 'read', type: 'array<vec4f>' },
      { name: 'all', group: 0, binding: 2, access: 'read_write', type: 'array<All>' },
      { name: 'args', group: 1, binding: 0, access: 'uniform', type: 'All' },
    ])
  })
})

describe('reflectStruct', () => {
  it('offsets, sizes and alignment are those of the WGSL specification', () => {
    const layout = reflectStruct(code, 'All')
    const offsets = Object.fromEntries(layout.fields.map(({ name, offset }) => [name, offset]))
    expect(offsets).toEqual({
      one: 0,
      three: 16,
      after_three: 28,
      four: 32,
      list: 48,
      counted: 68,
      inner: 80,
      inners: 96,
      last_one: 128,
    })
    expect([layout.size, layout.align]).toEqual([144, 16])
    expect(reflectStruct(code, 'Inner')).toMatchObject({ size: 16, align: 8 })
    const typeOf = (field: string) => layout.fields.find(({ name }) => name === field)!.type
    expect(typeOf('inners')).toMatchObject({ kind: 'array', count: 2, stride: 16, element: { name: 'Inner' } })
    expect(typeOf('counted')).toMatchObject({ kind: 'array', count: 3, stride: 4, element: { scalar: 'u32' } })
    expect(typeOf('three')).toMatchObject({ kind: 'vector', width: 3, scalar: 'f32' })
  })

  it.each([
    ['f32', 4, 4],
    ['vec2<i32>', 8, 8],
    ['vec3u', 12, 16],
    ['vec4i', 16, 16],
  ])('%s', (type, size, align) => {
    const layout = reflectStruct(`struct S { first: f32, x: ${type}, }`, 'S')
    expect(layout.fields[1].offset).toBe(align)
    expect(layout.size).toBe(Math.ceil((align + size) / align) * align)
  })

  it('what is not there or not understood is an error', () => {
    expect(() => reflectStruct(code, 'Ghost')).toThrow('struct Ghost: not declared in the source')
    expect(() => reflectStruct('struct S { x: array<f32, N>, }', 'S')).toThrow('S.x: constant N is not declared')
  })
})

const values = {
  one: 4294967295,
  three: [1, 2, 3],
  afterThree: -5,
  four: [4, 5, 6, 7],
  list: [8, 9, 10, 11, 12],
  counted: [13, 14, 15],
  inner: { a: 0.5, b: [16, 17] },
  inners: [
    { a: 1.5, b: [18, 19] },
    { a: 2.5, b: [20, 21] },
  ],
  lastOne: -0.25,
}

describe('writeStruct', () => {
  const layout = reflectStruct(code, 'All')
  const write = (given: object, offset = 0) => {
    const view = new DataView(new ArrayBuffer(offset + layout.size))
    writeStruct(layout, given as Record<string, unknown>, view, offset)
    return view
  }

  it('puts numbers where the layout says', () => {
    const view = write(values, 16)
    expect(view.getUint32(16, true)).toBe(4294967295)
    expect([16, 20, 24].map((at) => view.getFloat32(16 + at, true))).toEqual([1, 2, 3])
    expect(view.getInt32(16 + 28, true)).toBe(-5)
    expect(view.getUint32(16 + 72, true)).toBe(14)
    expect(view.getFloat32(16 + 112, true)).toBe(2.5)
    expect(view.getUint32(16 + 124, true)).toBe(21)
    expect(view.getFloat32(16 + 128, true)).toBe(-0.25)
  })

  it('booleans are 0 and 1', () => {
    const flags = 'struct S { on: u32, off: u32, }'
    const view = new DataView(new ArrayBuffer(8))
    writeStruct(reflectStruct(flags, 'S'), { on: true, off: false }, view)
    expect([view.getUint32(0, true), view.getUint32(4, true)]).toEqual([1, 0])
  })

  it('an unknown, a missing or a too long value is an error that names struct and field', () => {
    expect(() => write({ ...values, learningRat: 1 })).toThrow('struct All: there is no field for learningRat')
    expect(() => write({ ...values, after_three: 1 })).toThrow('struct All: there is no field for after_three')
    const { lastOne: _, ...rest } = values
    expect(() => write(rest)).toThrow('struct All: lastOne is missing')
    expect(() => write({ ...values, three: [1, 2] })).toThrow('struct All: three has 2 entries, expected 3')
    expect(() => write({ ...values, list: [1] })).toThrow('struct All: list has 1 entries, expected 5')
    expect(() => write({ ...values, inner: { a: 1 } })).toThrow('struct All: inner.b is missing')
    expect(() => write({ ...values, inners: [values.inner] })).toThrow('struct All: inners has 1 entries, expected 2')
    expect(() => write({ ...values, inners: [values.inner, { a: 1, b: [1, '2'] }] })).toThrow(
      'struct All: inners[1].b[1] is 2, not a number',
    )
    expect(() => write({ ...values, three: 1 })).toThrow('struct All: three is 1, not a list of 3')
    expect(() => write({ ...values, inner: 1 })).toThrow('struct All: inner is 1, not an object')
    expect(() => write({ ...values, one: null })).toThrow('struct All: one is null, not a number')
  })
})

describe('readStruct', () => {
  const layout = reflectStruct(code, 'All')

  it('gives back what was written', () => {
    const view = new DataView(new ArrayBuffer(layout.size))
    writeStruct(layout, values, view)
    expect(readStruct(layout, view)).toEqual(values)
  })

  it('for any numbers, at any place', () => {
    const struct = 'struct S { a: f32, n: vec2u, i: array<i32, 3>, x: vec3f, end: u32, }'
    const own = reflectStruct(struct, 'S')
    const f32 = fc.float({ noNaN: true })
    const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    const given = fc.record({
      a: f32,
      n: fc.tuple(u32, u32),
      i: fc.tuple(fc.integer(), fc.integer(), fc.integer()),
      x: fc.tuple(f32, f32, f32),
      end: u32,
    })
    fc.assert(
      fc.property(given, fc.nat(5), (value, index) => {
        const view = new DataView(new ArrayBuffer(own.size * 6))
        writeStruct(own, value, view, index * own.size)
        expect(readStruct(own, view, index * own.size)).toEqual(value)
      }),
    )
  })
})
