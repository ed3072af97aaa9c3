import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSafetensors, type TensorData, type TensorToWrite, writeSafetensors } from '../../src/files/safetensors'
import { BYTES } from '../../src/files/tensordata'
import { entry, file } from '../corpus/file.js'

describe('valid files', () => {
  test('a file written by hand', () => {
    const data = new Uint8Array(new Float32Array([1.5, -2, 0.25]).buffer)
    const { metadata, tensors } = readSafetensors(
      file(`{"__metadata__":{"k":"v"}, "a" : ${entry('F32', [1, 3], [0, 12])}}  \n`, data),
    )
    expect(metadata).toEqual({ k: 'v' })
    expect([...tensors]).toEqual([['a', { dtype: 'F32', shape: [1, 3], data: new Float32Array([1.5, -2, 0.25]) }]])
  })

  test('no tensors, a scalar, empty tensors, a header whose order is not that of the data', () => {
    expect(readSafetensors(file('{}')).tensors.size).toBe(0)
    const header = `{"b":${entry('U8', [2], [8, 10])},"e":${entry('F64', [3, 0], [8, 8])},"a":${entry('I64', [], [0, 8])}}`
    const { tensors } = readSafetensors(file(header, 10))
    expect([...tensors.keys()]).toEqual(['b', 'e', 'a'])
    expect(tensors.get('a')).toEqual({ dtype: 'I64', shape: [], data: new BigInt64Array(1) })
    expect(tensors.get('e')!.data).toEqual(new Float64Array(0))
  })

  test('names that look like keywords or need escapes', () => {
    for (const name of ['constructor', 'toString', 'a"b', 'back\\slash', 'ä€😀', '', '{', '1.5', 'a:b']) {
      const bytes = writeSafetensors([{ name, shape: [1], data: new Float32Array([7]) }], { 'a"{1.5': '}"1e3:' })
      expect([...readSafetensors(bytes).tensors.keys()]).toEqual([name])
    }
  })

  test('data is copied to arrays of its own, whatever the alignment of the bytes', () => {
    const written = writeSafetensors([{ name: 'a', shape: [2], data: new Float64Array([1, 2]) }])
    const shifted = new Uint8Array(written.length + 3).subarray(3)
    shifted.set(written)
    const { data } = readSafetensors(shifted).tensors.get('a')!
    shifted.fill(255)
    expect(data).toEqual(new Float64Array([1, 2]))
    expect(data.buffer.byteLength).toBe(16)
  })

  test.each(['discrete', 'continuous', 'penalty'])(
    'golden/%s.safetensors, written by the format’s own library',
    (name) => {
      const bytes = readFileSync(new URL(`../golden/${name}.safetensors`, import.meta.url))
      const { metadata, tensors } = readSafetensors(bytes)
      expect(JSON.parse(metadata.config)).toHaveProperty('activation', 'tanh')
      expect(tensors.get('param/critic.2.weight')).toMatchObject({ dtype: 'F64', shape: [1, 64] })
    },
  )
})

describe('types that JavaScript has no array for', () => {
  const read = (dtype: string, bytes: Uint8Array, size = BYTES.get(dtype)!) =>
    readSafetensors(file(`{"a":${entry(dtype, [bytes.length / size], [0, bytes.length])}}`, bytes)).tensors.get('a')!
  const words = (...bits: number[]) => new Uint8Array(Uint16Array.from(bits).buffer)
  const { NaN: none, POSITIVE_INFINITY: infinity } = Number

  test.each<[string, Uint8Array, number[]]>([
    ['F16', words(0, 0x8000, 0x3c00, 0xc000, 0x3555, 0x7bff), [0, -0, 1, -2, 0.333251953125, 65504]],
    [
      'F16',
      words(1, 0x83ff, 0x0400, 0x7c00, 0xfc00, 0x7c01, 0xfe00),
      [2 ** -24, -1023 * 2 ** -24, 2 ** -14, infinity, -infinity, none, none],
    ],
    ['BF16', words(0, 0x8000, 0x3f80, 0xc040, 0x7f7f), [0, -0, 1, -3, 3.3895313892515355e38]],
    [
      'BF16',
      words(1, 0x8080, 0x7f80, 0xff80, 0x7f81, 0xffff),
      [2 ** -133, -(2 ** -126), infinity, -infinity, none, none],
    ],
    [
      'F8_E5M2',
      Uint8Array.of(0, 0x80, 0x3c, 0x01, 0x7b, 0xfb, 0x7c, 0xfc, 0x7d),
      [0, -0, 1, 2 ** -16, 57344, -57344, infinity, -infinity, none],
    ],
    [
      'F8_E4M3',
      Uint8Array.of(0, 0x80, 0x38, 0x01, 0x7e, 0xfe, 0x7f, 0xff, 0x78),
      [0, -0, 1, 2 ** -9, 448, -448, none, none, 256],
    ],
    ['F8_E5M2FNUZ', Uint8Array.of(0, 0x80, 0x40, 0x01, 0x7f, 0xff), [0, none, 1, 2 ** -17, 57344, -57344]],
    ['F8_E4M3FNUZ', Uint8Array.of(0, 0x80, 0x40, 0x01, 0x7f, 0xff), [0, none, 1, 2 ** -10, 240, -240]],
    ['F8_E8M0', Uint8Array.of(0, 127, 128, 254, 255), [2 ** -127, 1, 2, 2 ** 127, none]],
  ])('%s is read as the numbers of f32 that it holds', (dtype, bytes, numbers) => {
    const tensor = read(dtype, bytes)
    expect(tensor).toEqual({ dtype, shape: [numbers.length], data: Float32Array.from(numbers) })
    expect([...tensor.data]).toEqual(numbers) // exactly, and zeros with their signs
  })

  test('all of F16 and BF16: each number once, in order, and as many that are none as there should be', () => {
    const all = words(...Array.from({ length: 0x8000 }, (_, i) => i))
    const halves = [...(read('F16', all).data as Float32Array)]
    expect(halves.slice(0, 0x7c01).every((x, i) => i === 0 || x > halves[i - 1])).toBe(true)
    expect(halves.slice(0x7c01).every(Number.isNaN)).toBe(true)
    expect(new Set(halves.slice(0, 0x400).map((x, i) => x - i * 2 ** -24))).toEqual(new Set([0]))
    const { data } = read('BF16', all)
    const upper = new Float32Array(Uint32Array.from({ length: 0x8000 }, (_, i) => i << 16).buffer)
    expect(data).toEqual(upper)
  })

  test('BOOL: bytes of 0 and 1, and nothing else', () => {
    expect(read('BOOL', Uint8Array.of(1, 0, 1))).toEqual({ dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) })
    for (const byte of [2, 128, 255]) {
      expect(() => read('BOOL', Uint8Array.of(0, byte))).toThrow(`tensor "a": element 1 is byte ${byte}, neither 0`)
    }
  })

  test('scalars, empty tensors, odd places', () => {
    const header = `{"a":${entry('BOOL', [], [0, 1])},"b":${entry('F16', [2, 1], [1, 5])},"c":${entry('BF16', [0, 3], [5, 5])}}`
    const { tensors } = readSafetensors(file(header, Uint8Array.of(1, 0, 0x3c, 0, 0xbc)))
    expect(tensors.get('a')).toEqual({ dtype: 'BOOL', shape: [], data: Uint8Array.of(1) })
    expect(tensors.get('b')).toEqual({ dtype: 'F16', shape: [2, 1], data: Float32Array.of(1, -1) })
    expect(tensors.get('c')).toEqual({ dtype: 'BF16', shape: [0, 3], data: new Float32Array(0) })
  })

  test('what is written again is F32 and U8', () => {
    const bytes = writeSafetensors([
      { name: 'half', ...read('F16', words(0x3c00, 1)) },
      { name: 'flag', ...read('BOOL', Uint8Array.of(1)) },
    ])
    const { tensors } = readSafetensors(bytes)
    expect([...tensors].map(([name, { dtype, data }]) => [name, dtype, [...data]])).toEqual([
      ['half', 'F32', [1, 2 ** -24]],
      ['flag', 'U8', [1]],
    ])
  })
})

describe('malformed files', () => {
  const a = entry('F32', [1], [0, 4])
  test.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(0), 'file: 0 bytes are too few; a file starts with 8 bytes of header length.'],
    ['7 bytes', new Uint8Array(7), 'file: 7 bytes are too few'],
    ['no header', file(''), "header: starts with nothing, not with '{'."],
    ['header over 1 MiB', file('{}', 0, 2 ** 20 + 1), 'header: its length 1048577 passes the limit of 1048576 bytes.'],
    ['huge header length', file('{}', 0, 2n ** 64n - 1n), 'header: its length 18446744073709551615 passes the limit'],
    ['header beyond the file', file('{}', 0, 3), 'header: its length 3 passes the end of the file (10 bytes).'],
    ['array', file('[]'), "header: starts with byte 91, not with '{'."],
    ['leading space', file(' {}'), "header: starts with byte 32, not with '{'."],
    ['byte order mark', file('\ufeff{}'), "header: starts with byte 239, not with '{'."],
    ['not JSON', file('{'), 'header: is not JSON in UTF-8 ('],
    ['trailing comma', file(`{"a":${a},}`, 4), 'header: is not JSON in UTF-8 ('],
    ['text after the header', file('{}x'), 'header: is not JSON in UTF-8 ('],
    ['zero bytes after the header', file('{}\0\0'), 'header: is not JSON in UTF-8 ('],
    ['not UTF-8', file(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 'header: is not JSON in UTF-8 ('],
    ['a name twice', file(`{"a":${a},"a":${a}}`, 4), 'header: the key "a" occurs twice.'],
    ['a name twice, escaped', file(`{"a":${a},"\\u0061" :${a}}`, 4), 'header: the key "a" occurs twice.'],
    ['a field twice', file(`{"a":${a.replace('{', '{"dtype":"F64",')}}`, 4), 'header: the key "dtype" occurs twice.'],
    ['metadata twice', file('{"__metadata__":{},"__metadata__":{}}'), 'header: the key "__metadata__" occurs twice.'],
    ['a metadata key twice', file('{"__metadata__":{"k":"","k":""}}'), 'header: the key "k" occurs twice.'],
    ['__proto__', file(`{"__proto__":${a}}`, 4), 'header: the key "__proto__" is not allowed.'],
    [
      '__proto__ in metadata',
      file('{"__metadata__":{"__proto__":"x"}}'),
      'header: the key "__proto__" is not allowed.',
    ],
    ['metadata is a list', file('{"__metadata__":[]}'), '__metadata__: is not an object.'],
    ['metadata is null', file('{"__metadata__":null}'), '__metadata__: is not an object.'],
    ['metadata number', file('{"__metadata__":{"k":1}}'), '__metadata__.k: 1 is not a string.'],
    ['metadata object', file('{"__metadata__":{"k":{}}}'), '__metadata__.k: {} is not a string.'],
    ['entry is a number', file('{"a":1}'), 'tensor "a": its entry is not an object.'],
    ['entry is null', file('{"a":null}'), 'tensor "a": its entry is not an object.'],
    ['no fields', file('{"a":{}}'), 'tensor "a": dtype undefined is not one of F64, F32, I64, '],
    ['unknown field', file(`{"a":${a.replace('{', '{"x":0,')}}`, 4), 'tensor "a": the key "x" is not known.'],
    [
      'unknown dtype',
      file(`{"a":${entry('F33', [1], [0, 4])}}`, 4),
      'tensor "a": dtype "F33" is not one of F64, F32, ',
    ],
    [
      'dtype of Object',
      file(`{"a":${entry('toString', [1], [0, 4])}}`, 4),
      'tensor "a": dtype "toString" is not one of ',
    ],
    [
      'a dtype of the format that is not read',
      file(`{"a":${entry('F6_E2M3', [4], [0, 3])}}`, 3),
      'tensor "a": dtype "F6_E2M3" is not read here: store the tensor as F32, or as another of F64, ',
    ],
    [
      'shape is a number',
      file(`{"a":${entry('F32', 1, [0, 4])}}`, 4),
      'tensor "a": shape 1 is not a list of whole numbers',
    ],
    [
      'negative shape',
      file(`{"a":${entry('F32', [-1, -1], [0, 4])}}`, 4),
      'header: the number -1 is not a plain unsigned',
    ],
    [
      'shape as text',
      file(`{"a":${entry('F32', ['1'], [0, 4])}}`, 4),
      'tensor "a": shape ["1"] is not a list of whole',
    ],
    ['1.0', file(`{"a":${a.replace('[1]', '[1.0]')}}`, 4), 'header: the number 1.0 is not a plain unsigned integer.'],
    ['1e0', file(`{"a":${a.replace('[1]', '[1e0]')}}`, 4), 'header: the number 1e0 is not a plain unsigned integer.'],
    ['-0', file(`{"a":${a.replace('[0,', '[-0,')}}`, 4), 'header: the number -0 is not a plain unsigned integer.'],
    ['one offset', file(`{"a":${entry('F32', [1], [4])}}`, 4), 'tensor "a": data_offsets [4] is not [begin, end]'],
    [
      'three offsets',
      file(`{"a":${entry('F32', [1], [0, 4, 8])}}`, 4),
      'tensor "a": data_offsets [0,4,8] is not [begin,',
    ],
    [
      'end before begin',
      file(`{"a":${entry('F32', [1], [4, 0])}}`, 4),
      'tensor "a": data_offsets [4,0] is not [begin, end]',
    ],
    [
      'unsafe offset',
      file(`{"a":${entry('U8', [1], [0, 1]).replace('1]}', '9007199254740993]}')}}`, 1),
      'tensor "a": data_offsets [0,9007199254740992] is not [begin, end]',
    ],
    [
      'shape too large for its span',
      file(`{"a":${entry('F32', [2], [0, 4])}}`, 4),
      'tensor "a": data_offsets span 4 bytes, but F32 [2] takes 8.',
    ],
    [
      'product that overflows',
      file(`{"a":${entry('F32', [2 ** 40, 2 ** 40], [0, 4])}}`, 4),
      'tensor "a": data_offsets span 4 bytes, but F32 [1099511627776,1099511627776] takes ',
    ],
    [
      'first byte unused',
      file(`{"a":${entry('F32', [1], [1, 5])}}`, 5),
      'tensor "a": starts at byte 1 of the data, expected 0.',
    ],
    [
      'hole',
      file(`{"a":${a},"b":${entry('F32', [1], [5, 9])}}`, 9),
      'tensor "b": starts at byte 5 of the data, expected 4.',
    ],
    [
      'overlap',
      file(`{"a":${a},"b":${entry('F32', [1], [2, 6])}}`, 6),
      'tensor "b": starts at byte 2 of the data, expected 4.',
    ],
    ['same bytes', file(`{"a":${a},"b":${a}}`, 4), 'tensor "b": starts at byte 0 of the data, expected 4.'],
    ['trailing byte', file(`{"a":${a}}`, 5), 'data: the tensors take 4 bytes, the file holds 5.'],
    ['missing byte', file(`{"a":${a}}`, 3), 'data: the tensors take 4 bytes, the file holds 3.'],
    ['data without tensors', file('{}', 1), 'data: the tensors take 0 bytes, the file holds 1.'],
    [
      'deep nesting',
      file(`{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}`),
      'tensor "a": its entry is not an object.',
    ],
    ['a long string', file(`{"a":"${'x\\\\'.repeat(300_000)}"}`), 'tensor "a": its entry is not an object.'],
  ])('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'x.safetensors')).toThrow(`x.safetensors: ${message}`)
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ name: 'SafetensorsError' }))
  })
})

const KINDS = [
  Float64Array,
  Float32Array,
  BigInt64Array,
  BigUint64Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
]

const tensor: fc.Arbitrary<Omit<TensorToWrite, 'name'>> = fc
  .tuple(fc.constantFrom(...KINDS), fc.array(fc.nat(4), { maxLength: 3 }), fc.infiniteStream(fc.nat(255)))
  .map(([Kind, shape, random]) => {
    const size = shape.reduce((x, y) => x * y, 1)
    const bytes = Uint8Array.from({ length: size * Kind.BYTES_PER_ELEMENT }, () => random.next().value)
    return { shape, data: new Kind(bytes.buffer) as TensorData }
  })
const files = fc.tuple(
  fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__' && name !== '__metadata__'),
    tensor,
    { maxKeys: 6 },
  ),
  fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
    fc.string({ unit: 'grapheme' }),
  ),
)
const write = (tensors: Record<string, Omit<TensorToWrite, 'name'>>, metadata: Record<string, string>): Uint8Array =>
  writeSafetensors(
    Object.entries(tensors).map(([name, t]) => ({ name, ...t })),
    metadata,
  )
const bits = (data: TensorData): number[] => Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))

describe('properties', () => {
  test('what is written is read back, bit for bit, with an aligned header and aligned tensors', () => {
    fc.assert(
      fc.property(files, ([tensors, metadata]) => {
        const bytes = write(tensors, metadata)
        expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0)
        const read = readSafetensors(bytes)
        expect(read.metadata).toEqual({ ...metadata })
        expect(new Set(read.tensors.keys())).toEqual(new Set(Object.keys(tensors)))
        for (const [name, { shape, data }] of Object.entries(tensors)) {
          const back = read.tensors.get(name)!
          expect(back.shape).toEqual(shape)
          expect(back.data.constructor).toBe(data.constructor)
          expect(bits(back.data)).toEqual(bits(data))
        }
      }),
      { numRuns: 200 },
    )
  })

  test('no cut of a file is a file', () => {
    fc.assert(
      fc.property(files, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), ([tensors, metadata], part) => {
        const bytes = write(tensors, metadata)
        const cut = bytes.subarray(0, Math.floor(bytes.length * part))
        expect(() => readSafetensors(cut)).toThrow(expect.objectContaining({ name: 'SafetensorsError' }))
      }),
    )
  })

  test('damage ends in a SafetensorsError or another valid file, never in another error', () => {
    fc.assert(
      fc.property(
        files,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        ([t, m], damage) => {
          const bytes = write(t, m)
          for (const [at, value] of damage) bytes[at % bytes.length] = value
          try {
            readSafetensors(bytes)
          } catch (error) {
            expect((error as Error).name).toBe('SafetensorsError')
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('writeSafetensors', () => {
  const data = new Float32Array(2)
  test.each<[string, TensorToWrite[], string]>([
    [
      'a name twice',
      [
        { name: 'a', shape: [2], data },
        { name: 'a', shape: [2], data },
      ],
      'tensor "a": the name is reserved or given twice.',
    ],
    ['__metadata__', [{ name: '__metadata__', shape: [2], data }], 'tensor "__metadata__": the name is reserved'],
    ['__proto__', [{ name: '__proto__', shape: [2], data }], 'tensor "__proto__": the name is reserved'],
    ['wrong shape', [{ name: 'a', shape: [3], data }], 'tensor "a": shape [3] does not fit 2 numbers.'],
    ['negative shape', [{ name: 'a', shape: [-1, -2], data }], 'tensor "a": shape [-1,-2] does not fit 2 numbers.'],
  ])('%s', (_, tensors, message) => {
    expect(() => writeSafetensors(tensors)).toThrow(`writeSafetensors: ${message}`)
  })

  test('metadata that is not text, arrays of no dtype', () => {
    expect(() => writeSafetensors([], { k: 1 as unknown as string })).toThrow('__metadata__.k: 1 is not a string.')
    const clamped = new Uint8ClampedArray(1) as unknown as Uint8Array
    expect(() => writeSafetensors([{ name: 'a', shape: [1], data: clamped }])).toThrow('the data has no dtype')
  })
})
