import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../harness/protocol/wire'

const roundTrip = (value: unknown) => decode(encode(value))

describe('wire', () => {
  test.each([
    new Float32Array([1.5, -0, Number.NaN, Number.POSITIVE_INFINITY]),
    new Float64Array([Math.PI, Number.MIN_VALUE]),
    new Uint32Array([0, 0xffffffff]),
    new Int32Array([-(2 ** 31), 7]),
    new Uint8Array([0, 255, 36]),
    new Float32Array(0),
  ])('%o', (array) => {
    const back = roundTrip({ deep: [{ array }] }) as { deep: [{ array: typeof array }] }
    expect(back.deep[0].array).toEqual(array)
    expect(back.deep[0].array.constructor).toBe(array.constructor)
  })

  test('a view of part of a buffer sends only its own numbers', () => {
    const view = new Float64Array([1, 2, 3, 4]).subarray(1, 3)
    const back = roundTrip(view) as Float64Array
    expect(back).toEqual(new Float64Array([2, 3]))
    expect(back.buffer.byteLength).toBe(16)
  })

  test.each([undefined, null, true, '', 'a"\\\u2028', Number.NaN, Number.NEGATIVE_INFINITY, -0, 1e-320])(
    '%s',
    (value) => {
      expect(roundTrip(value)).toBe(value)
    },
  )

  test('an object that looks like the encoding, or has odd keys, comes back as it was', () => {
    const odd = { $: 'Float32Array', b: 'AAAA', nested: { $: 'NaN' }, constructor: 1 }
    expect(roundTrip(odd)).toEqual(odd)
    const proto = JSON.parse('{"__proto__": {"polluted": 1}}')
    const back = roundTrip(proto) as object
    expect(Object.keys(back)).toEqual(['__proto__'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('any JSON value comes back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(roundTrip(value)).toEqual(value)
      }),
    )
  })

  test('5 MB come back', () => {
    const big = Float32Array.from({ length: 1_250_000 }, (_, i) => i)
    const back = roundTrip(big) as Float32Array
    expect(back.length).toBe(big.length)
    expect(back.every((value, i) => value === i)).toBe(true)
  })

  test('refuses what cannot cross, and says where', () => {
    expect(() => encode({ a: [new Map()] })).toThrow('value.a[0]: a Map cannot cross')
    expect(() => encode({ f() {} })).toThrow('value.f')
    expect(() => encode({ n: 1n })).toThrow('value.n')
    expect(() => encode({ u: new Uint16Array(1) })).toThrow('value.u: a Uint16Array')
  })
})
