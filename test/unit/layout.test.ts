/** Layouts of random structs, compared with the offsets of the specification. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stateWords } from '../../src/envcheck/state'
import { readStruct, reflectStruct, writeStruct } from '../../src/gpu/reflect'
import { alignOf, gap, numbersOf, randomStruct, sizeOf, sourceOf } from '../support/structs'

const structs = fc.tuple(randomStruct, fc.array(gap, { minLength: 1, maxLength: 40 }))

describe('structs made at random', () => {
  test('every number is where the specification puts it', () => {
    fc.assert(
      fc.property(structs, ([t, gaps]) => {
        const code = sourceOf(t, gaps)
        const layout = reflectStruct(code, 'EnvState')
        expect([layout.size, layout.align], code).toEqual([sizeOf(t), alignOf(t)])
        const words = stateWords(code).map(({ name, kind, offset }) => [name, kind, 4 * offset])
        expect(words, code).toEqual(numbersOf(t, '', 0))
      }),
      { numRuns: 400 },
    )
  })

  test('what is written is read back, and is where the words say', () => {
    fc.assert(
      fc.property(structs, fc.nat(3), ([t, gaps], index) => {
        const code = sourceOf(t, gaps)
        const layout = reflectStruct(code, 'EnvState')
        let next = 0
        const fill = (value: unknown): unknown =>
          typeof value === 'number'
            ? ++next
            : Array.isArray(value)
              ? value.map(fill)
              : Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, fill(inner)]))
        const view = new DataView(new ArrayBuffer(layout.size * 4))
        const values = fill(readStruct(layout, view)) as object
        writeStruct(layout, values, view, index * layout.size)
        expect(readStruct(layout, view, index * layout.size), code).toEqual(values)
        const get = { f32: 'getFloat32', u32: 'getUint32', i32: 'getInt32' } as const
        const found = stateWords(code).map(({ kind, offset }) =>
          view[get[kind]](index * layout.size + 4 * offset, true),
        )
        expect(found, code).toEqual(Array.from({ length: next }, (_, i) => i + 1))
      }),
      { numRuns: 150 },
    )
  })

  test('a member that is spoiled is an error, never left out', () => {
    const bad = fc.constantFrom(
      'bool',
      'f16',
      'array<f32>',
      'mat2x2f',
      'vec5f',
      'Unknown',
      'f32 f32',
      '',
      '3',
      'atomic<i32>',
    )
    fc.assert(
      fc.property(structs, bad, ([t, gaps], type) => {
        const code = sourceOf(t, gaps, ['spoiled', ':', type, ','])
        expect(() => reflectStruct(code, 'EnvState'), code).toThrow(/EnvState(\.spoiled|: cannot read)/)
      }),
      { numRuns: 150 },
    )
  })
})
