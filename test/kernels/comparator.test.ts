import { describe, expect, test } from 'vitest'
import { columnOf, expectClose, expectUntouched, isField, makeRecords, shapeOf, unwritten } from '../support/kernel'

// Control cases: a comparison that cannot fail proves nothing.
describe('expectClose', () => {
  const ref = Float64Array.from({ length: 123 * 7 }, (_, i) => i / 1000)
  const dims = { step: 123, env: 7 }

  test('passes inside the limit, fails outside, and says where and how much', () => {
    const gpu = Float32Array.from(ref)
    expect(() => expectClose('gae.advantages', gpu, ref, { rtol: 1e-7, dims })).not.toThrow()
    gpu[122 * 7 + 6] = 0.4312
    expect(() => expectClose('gae.advantages', gpu, ref, { atol: 1e-5, dims })).toThrow(
      'gae.advantages[step 122, env 6]: gpu 0.4312, ref 0.86, limit 0.00001',
    )
    expect(() => expectClose('x', Float32Array.of(1, 3), [1, 2], { rtol: 0.25 })).toThrow(
      'x[1]: gpu 3, ref 2, limit 0.5',
    )
    expect(() => expectClose('x', Float32Array.of(1, 2.5), [1, 2], { rtol: 0.25 })).not.toThrow()
  })

  test('the worst place is named, not the first', () => {
    expect(() => expectClose('x', [1.1, 5, 1.2], [1, 1, 1], { atol: 0.01 })).toThrow('x[1]')
  })

  test('a NaN on either side, or on both, fails', () => {
    expect(() => expectClose('x', [1, Number.NaN], [1, 2], { atol: 10 })).toThrow('x[1]: gpu NaN, ref 2')
    expect(() => expectClose('x', [1, 2], [1, Number.NaN], { atol: 10 })).toThrow('x[1]: gpu 2, ref NaN')
    expect(() => expectClose('x', [Number.NaN], [Number.NaN], { atol: 10 })).toThrow('x[0]')
  })

  test('infinities are equal only to themselves', () => {
    expect(() => expectClose('x', [Infinity], [Infinity])).not.toThrow()
    expect(() => expectClose('x', [Infinity], [-Infinity], { atol: 10 })).toThrow('x[0]')
    expect(() => expectClose('x', [Infinity], [1], { rtol: 10 })).toThrow('x[0]')
  })

  test('without limits only equal numbers pass', () => {
    expect(() => expectClose('x', [1, 2], [1, 2])).not.toThrow()
    expect(() => expectClose('x', [1, 2 + 2e-16 * 2], [1, 2])).toThrow('x[1]')
  })

  test('a wrong length fails, and so does nothing at all', () => {
    expect(() => expectClose('x', [1], [1, 2])).toThrow('x: gpu has 1 numbers, ref 2')
    expect(() => expectClose('x', [], [])).toThrow('nothing to compare')
  })
})

describe('expectUntouched', () => {
  test('sees a number written where none should be, NaN over NaN included', () => {
    const before = unwritten(4)
    const after = before.slice()
    expect(() => expectUntouched('x', after, before)).not.toThrow()
    after[2] = 1
    expect(() => expectUntouched('x', after, before)).toThrow('x[2]: was NaN, is 1')
    expect(() => expectUntouched('x', after, before, (i) => i === 2)).not.toThrow()
    const other = before.slice()
    new Uint32Array(other.buffer)[3] ^= 1
    expect(() => expectUntouched('x', other, before)).toThrow('x[3]')
    expect(() => expectUntouched('x', before.subarray(1), before)).toThrow('words')
  })
})

test('records: columns go where the layout says, the rest is NaN', () => {
  const shape = shapeOf(3, 2, 'gaussian')
  const records = makeRecords(shape, 2, { obs: [1, 2, 3, 4, 5, 6], action: [7, 8, 9, 10] })
  expect([...columnOf(shape, records, 'obs', 2)]).toEqual([1, 2, 3, 4, 5, 6])
  expect([...columnOf(shape, records, 'action', 1, 1)]).toEqual([9, 10])
  expect(records.filter((x) => !Number.isNaN(x)).length).toBe(10)
  const written = isField(shape, ['action'], (row) => row === 1)
  expect([...records.keys()].filter(written).map((i) => records[i])).toEqual([9, 10])
})
