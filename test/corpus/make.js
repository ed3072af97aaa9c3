/**
 * Writes test/corpus/safetensors: small files that must be refused, each with the message, and some that must be read.
 * Nothing of the project's own reader or writer is used here. After a change run `node test/corpus/make.js`; a test
 * checks that the files are up to date.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { entry, file, utf8 } from './file.js'

const a = entry('F32', [1], [0, 4])
const floats = (...values) => new Uint8Array(Float32Array.from(values).buffer)
const words = (...bits) => new Uint8Array(Uint16Array.from(bits).buffer)
/** The numbers of WEIGHTS as F16, and any as BF16 where its lower bits are 0. */
const HALVES = { 0: 0, 0.25: 0x3400, 0.5: 0x3800, '-0.5': 0xb800, '-1': 0xbc00, 2: 0x4000 }
const ENCODE = {
  F16: (values) => words(...values.map((x) => HALVES[x])),
  BF16: (values) => words(...new Uint32Array(Float32Array.from(values).buffer).map((bits) => bits >>> 16)),
}

/** CRC-32C, bit by bit. */
function crc32c(bytes) {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

const SHAPE = {
  ...{ obsDim: 1, actionDim: 2, actorHidden: [], criticHidden: [], activation: 'tanh', dist: 'categorical' },
}
const WEIGHTS = {
  'actor.0.weight': { shape: [2, 1], values: [0.5, -0.5] },
  'actor.0.bias': { shape: [2], values: [0.25, 0] },
  'critic.0.weight': { shape: [1, 1], values: [2] },
  'critic.0.bias': { shape: [1], values: [-1] },
}
const METADATA = { format: 'ppo-webgpu-policy', version: '1', env: 'CartPole-v1', shape: JSON.stringify(SHAPE) }

const bytesOf = ({ values, dtype }) => (ENCODE[dtype] ?? ((numbers) => floats(...numbers)))(values)
/** WEIGHTS as another type. */
const weightsAs = (dtype) =>
  Object.fromEntries(Object.entries(WEIGHTS).map(([name, tensor]) => [name, { ...tensor, dtype }]))

/**
 * A policy of 6 weights; with a checksum over the contents of its header before `damage`, unless `checked` is false.
 */
function policy({ metadata = {}, weights = {}, checked = false, damage = () => {} } = {}) {
  const tensors = Object.entries({ ...WEIGHTS, ...weights }).filter(([, tensor]) => tensor)
  const texts = { ...METADATA, ...metadata }
  let end = 0
  const infos = tensors.map(([name, { shape, values, dtype = 'F32' }]) => {
    const begin = end
    end += bytesOf({ values, dtype }).length
    return [name, dtype, shape, begin, end]
  })
  const data = new Uint8Array(tensors.flatMap(([, tensor]) => [...bytesOf(tensor)]))
  if (checked) {
    const byName = ([x], [y]) => (x < y ? -1 : 1)
    const said = utf8(JSON.stringify([Object.entries(texts).sort(byName), infos.toSorted(byName)]))
    texts['ppo-webgpu-crc32c'] = crc32c([...said, ...data])
      .toString(16)
      .padStart(8, '0')
  }
  const entries = infos.map(([name, dtype, shape, begin, end]) => [name, { dtype, shape, data_offsets: [begin, end] }])
  const bytes = file(JSON.stringify({ __metadata__: texts, ...Object.fromEntries(entries) }), data)
  damage(bytes)
  return bytes
}
const replace = (from, to) => (bytes) => {
  const at = Buffer.from(bytes.buffer).indexOf(from)
  if (at < 0 || from.length !== to.length) throw new Error(`${from} -> ${to}`)
  bytes.set(utf8(to), at)
}
const shapeWith = (fields) => ({ shape: JSON.stringify({ ...SHAPE, ...fields }) })
const vector = (...values) => ({ shape: [values.length], values })
const NORMALISER = {
  'normaliser.obs.mean': vector(0.5),
  'normaliser.obs.variance': vector(4),
  'normaliser.obs.count': vector(8),
}

/** The expected message of `readSafetensors`, or null if the file is valid. */
const FILES = {
  'good-empty': [file('{}'), null],
  'good-scalar-and-empty': [file(`{"s":${entry('I64', [], [0, 8])},"e":${entry('U8', [3, 0], [8, 8])}}`, 8), null],
  'good-unordered': [file(`{"b":${entry('U8', [2], [4, 6])},"a":${a}}  `, 6), null],
  // 1, the least number above 0, -infinity, no number
  'good-f16': [file(`{"a":${entry('F16', [4], [0, 8])}}`, words(0x3c00, 1, 0xfc00, 0x7e01)), null],
  'good-bf16': [file(`{"a":${entry('BF16', [4], [0, 8])}}`, words(0x3f80, 1, 0xff80, 0x7fc1)), null],
  'good-bool': [file(`{"a":${entry('BOOL', [3], [0, 3])}}`, Uint8Array.of(0, 1, 1)), null],
  'good-f8': [
    file(
      `{"a":${entry('F8_E5M2', [2], [0, 2])},"b":${entry('F8_E4M3', [2], [2, 4])},"c":${entry('F8_E8M0', [2], [4, 6])},` +
        `"d":${entry('F8_E5M2FNUZ', [2], [6, 8])},"e":${entry('F8_E4M3FNUZ', [2], [8, 10])}}`,
      Uint8Array.of(0x3c, 0x7c, 0x38, 0x7f, 127, 255, 0x40, 0x80, 0x40, 0x80),
    ),
    null,
  ],
  'good-all-integers': [
    file(
      `{"a":${entry('I64', [1], [0, 8])},"b":${entry('U64', [1], [8, 16])},"c":${entry('I16', [1], [16, 18])},` +
        `"d":${entry('U16', [1], [18, 20])},"e":${entry('I8', [1], [20, 21])},"f":${entry('U8', [1], [21, 22])}}`,
      new Uint8Array(22).fill(255),
    ),
    null,
  ],
  'bad-bool-byte': [
    file(`{"a":${entry('BOOL', [3], [0, 3])}}`, Uint8Array.of(0, 1, 2)),
    'tensor "a": element 2 is byte 2, neither 0 (false) nor 1 (true).',
  ],
  'bad-complex': [
    file(`{"a":${entry('C64', [1], [0, 8])}}`, 8),
    'tensor "a": dtype "C64" is not read here: store the tensor as F32, or as another of F64, F32, ',
  ],
  'bad-half-bytes': [
    file(`{"a":${entry('F4', [2], [0, 1])}}`, 1),
    'tensor "a": dtype "F4" is not read here: store the tensor as F32, or as another of F64, F32, ',
  ],
  'bad-f16-too-short': [
    file(`{"a":${entry('F16', [2], [0, 2])}}`, 2),
    'tensor "a": data_offsets span 2 bytes, but F16 [2] takes 4.',
  ],
  'bad-no-bytes': [new Uint8Array(0), 'file: 0 bytes are too few'],
  'bad-seven-bytes': [new Uint8Array(7), 'file: 7 bytes are too few'],
  'bad-no-header': [file(''), "header: starts with nothing, not with '{'."],
  'bad-header-over-limit': [
    file('{}', 0, 2 ** 20 + 1),
    'header: its length 1048577 passes the limit of 1048576 bytes.',
  ],
  'bad-header-length-huge': [file('{}', 0, 2n ** 64n - 1n), 'header: its length 18446744073709551615 passes the limit'],
  'bad-header-past-end': [file('{}', 0, 3), 'header: its length 3 passes the end of the file (10 bytes).'],
  'bad-header-cut': [file(`{"a":${a}}`, 4, 20), 'header: is not JSON in UTF-8 ('],
  'bad-header-array': [file('[]'), "header: starts with byte 91, not with '{'."],
  'bad-header-space-first': [file(' {}'), "header: starts with byte 32, not with '{'."],
  'bad-header-not-json': [file(`{"a":${a},}`, 4), 'header: is not JSON in UTF-8 ('],
  'bad-header-not-utf8': [file([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'header: is not JSON in UTF-8 ('],
  'bad-header-zero-padding': [file('{}\0\0'), 'header: is not JSON in UTF-8 ('],
  'bad-name-twice': [file(`{"a":${a},"a":${a}}`, 4), 'header: the key "a" occurs twice.'],
  'bad-name-twice-escaped': [file(`{"a":${a},"\\u0061":${a}}`, 4), 'header: the key "a" occurs twice.'],
  'bad-field-twice': [file(`{"a":${a.replace('{', '{"dtype":"F64",')}}`, 4), 'header: the key "dtype" occurs twice.'],
  'bad-metadata-twice': [file('{"__metadata__":{},"__metadata__":{}}'), 'header: the key "__metadata__" occurs twice.'],
  'bad-proto': [file(`{"__proto__":${a}}`, 4), 'header: the key "__proto__" is not allowed.'],
  'bad-proto-in-metadata': [file('{"__metadata__":{"__proto__":"x"}}'), 'header: the key "__proto__" is not allowed.'],
  'bad-proto-in-entry': [
    file(`{"a":${a.replace('{', '{"__proto__":{"dtype":"F32"},')}}`, 4),
    'header: the key "__proto__" is not allowed.',
  ],
  'bad-half-character': [file(`{"\\ud800":${a}}`, 4), 'header: the text "\\ud800" holds half of a character.'],
  'bad-half-character-in-metadata': [
    file('{"__metadata__":{"k":"x\\udc00"}}'),
    '__metadata__.k: the text "x\\udc00" holds half of a character.',
  ],
  'bad-metadata-list': [file('{"__metadata__":[]}'), '__metadata__: is not an object.'],
  'bad-metadata-number': [file('{"__metadata__":{"k":1}}'), '__metadata__.k: 1 is not a string.'],
  'bad-entry-null': [file('{"a":null}'), 'tensor "a": its entry is not an object.'],
  'bad-entry-empty': [file('{"a":{}}'), 'tensor "a": dtype undefined is not one of F64, F32, I64, '],
  'bad-entry-unknown-field': [file(`{"a":${a.replace('{', '{"x":0,')}}`, 4), 'tensor "a": the key "x" is not known.'],
  'bad-dtype': [file(`{"a":${entry('F33', [1], [0, 4])}}`, 4), 'tensor "a": dtype "F33" is not one of F64, F32, '],
  'bad-dtype-of-object': [
    file(`{"a":${entry('toString', [1], [0, 4])}}`, 4),
    'tensor "a": dtype "toString" is not one of F64, F32, ',
  ],
  'bad-shape-negative': [
    file(`{"a":${entry('F32', [-1], [0, 4])}}`, 4),
    'header: the number -1 is not a plain unsigned integer.',
  ],
  'bad-shape-fraction': [
    file(`{"a":${a.replace('[1]', '[1.0]')}}`, 4),
    'header: the number 1.0 is not a plain unsigned integer.',
  ],
  'bad-shape-text': [file(`{"a":${entry('F32', ['1'], [0, 4])}}`, 4), 'tensor "a": shape ["1"] is not a list of whole'],
  'bad-shape-too-large': [
    file(`{"a":${entry('F32', [2], [0, 4])}}`, 4),
    'tensor "a": data_offsets span 4 bytes, but F32 [2] takes 8.',
  ],
  'bad-shape-overflow': [
    file(`{"a":${entry('F32', [2 ** 40, 2 ** 40], [0, 4])}}`, 4),
    'tensor "a": data_offsets span 4 bytes, but F32 [1099511627776,1099511627776] takes more than any file holds.',
  ],
  'bad-shape-overflow-to-zero': [
    file(`{"a":${entry('F32', [2 ** 40, 2 ** 40, 0], [0, 0])}}`),
    'tensor "a": data_offsets span 0 bytes, but F32 [1099511627776,1099511627776,0] takes more than any file holds.',
  ],
  'bad-offsets-three': [
    file(`{"a":${entry('F32', [1], [0, 4, 8])}}`, 4),
    'tensor "a": data_offsets [0,4,8] is not [begin, end] with begin <= end.',
  ],
  'bad-offsets-backwards': [
    file(`{"a":${entry('F32', [1], [4, 0])}}`, 4),
    'tensor "a": data_offsets [4,0] is not [begin, end] with begin <= end.',
  ],
  'bad-first-byte-unused': [
    file(`{"a":${entry('F32', [1], [1, 5])}}`, 5),
    'tensor "a": starts at byte 1 of the data, expected 0.',
  ],
  'bad-hole': [
    file(`{"a":${a},"b":${entry('F32', [1], [5, 9])}}`, 9),
    'tensor "b": starts at byte 5 of the data, expected 4.',
  ],
  'bad-overlap': [
    file(`{"a":${a},"b":${entry('F32', [1], [2, 6])}}`, 6),
    'tensor "b": starts at byte 2 of the data, expected 4.',
  ],
  'bad-trailing-byte': [file(`{"a":${a}}`, 5), 'data: the tensors take 4 bytes, the file holds 5.'],
  'bad-data-cut': [file(`{"a":${a}}`, 3), 'data: the tensors take 4 bytes, the file holds 3.'],
}

/** The expected message of `loadPolicy`, or null if the file is valid. */
const POLICIES = {
  'good-without-checksum': [policy(), null],
  'good-with-checksum': [policy({ checked: true }), null],
  'good-f16': [policy({ checked: true, weights: weightsAs('F16') }), null],
  'good-bf16': [policy({ checked: true, weights: weightsAs('BF16') }), null],
  'good-normaliser': [policy({ checked: true, weights: NORMALISER }), null],
  'bad-flipped-weight': [
    policy({ checked: true, damage: (bytes) => (bytes[bytes.length - 2] ^= 0x10) }),
    '__metadata__.ppo-webgpu-crc32c: ',
  ],
  'bad-flipped-environment': [
    policy({ checked: true, damage: replace('CartPole-v1', 'CartPole-v0') }),
    '__metadata__.ppo-webgpu-crc32c: ',
  ],
  'bad-renamed-tensor': [
    policy({ checked: true, damage: replace('critic.0.bias', 'critic.1.bias') }),
    '__metadata__.ppo-webgpu-crc32c: ',
  ],
  'bad-checksum-no-number': [
    policy({ metadata: { 'ppo-webgpu-crc32c': 'none' } }),
    '__metadata__.ppo-webgpu-crc32c: "none"',
  ],
  'bad-format': [
    policy({ metadata: { format: 'pt' } }),
    'metadata.format: "pt" is not "ppo-webgpu-policy" or "ppo-webgpu-checkpoint".',
  ],
  'bad-unknown-key': [
    policy({ checked: true, damage: replace('ppo-webgpu-crc32c', 'ppo-webgpu-crc32d') }),
    'metadata.ppo-webgpu-crc32d: the key is not known.',
  ],
  'bad-version': [policy({ metadata: { version: '9' } }), 'metadata.version: "9" is not "1".'],
  'bad-shape-not-json': [policy({ metadata: { shape: '{' } }), 'metadata.shape: "{" is not JSON ('],
  'bad-shape-proto': [
    policy({ metadata: { shape: '{"__proto__":{"obsDim":1}}' } }),
    'metadata.shape.obsDim: nothing is not a whole number from 1 to 65536.',
  ],
  'bad-shape-width': [
    policy({ metadata: shapeWith({ obsDim: 1e9 }) }),
    'metadata.shape.obsDim: 1000000000 is not a whole',
  ],
  'bad-shape-depth': [
    policy({ metadata: shapeWith({ actorHidden: Array(17).fill(1) }) }),
    'metadata.shape.actorHidden: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] is not a list of at most 16 whole numbers',
  ],
  'bad-wrong-shape': [
    policy({ weights: { 'actor.0.weight': { shape: [1, 2], values: [1, 2] } } }),
    'tensor "actor.0.weight": F32 [1,2], expected F32 [2,1].',
  ],
  'bad-wrong-dtype': [
    policy({ weights: { 'actor.0.bias': { shape: [2], values: [1, 2], dtype: 'I32' } } }),
    'tensor "actor.0.bias": I32 [2], expected F32 [2].',
  ],
  'bad-missing': [policy({ weights: { 'critic.0.bias': null } }), 'tensor "critic.0.bias": missing.'],
  'bad-unknown': [policy({ weights: { extra: vector(1) } }), 'tensor "extra": this network has no such tensor.'],
  'bad-nan': [
    policy({ weights: { 'actor.0.bias': vector(0, Number.NaN) } }),
    'tensor "actor.0.bias": element 1 is NaN.',
  ],
  'bad-infinity': [
    policy({ weights: { 'critic.0.bias': vector(Number.NEGATIVE_INFINITY) } }),
    'tensor "critic.0.bias": element 0 is -Infinity.',
  ],
  'bad-negative-variance': [
    policy({ weights: { ...NORMALISER, 'normaliser.obs.variance': vector(-1) } }),
    'tensor "normaliser.obs.variance": element 0 is -1, below 0.',
  ],
}

/** Every file: its name, its bytes, which function reads it, and the beginning of the message or null. */
export const CORPUS = [
  ...Object.entries(FILES).map(([name, [bytes, message]]) => ({ name, bytes, reader: 'readSafetensors', message })),
  ...Object.entries(POLICIES).map(([name, [bytes, message]]) => ({
    ...{ name: `policy-${name}`, bytes, reader: 'loadPolicy', message },
  })),
]
export const FOLDER = fileURLToPath(new URL('safetensors/', import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(FOLDER, { recursive: true })
  for (const name of readdirSync(FOLDER)) rmSync(`${FOLDER}${name}`)
  for (const { name, bytes } of CORPUS) writeFileSync(`${FOLDER}${name}.safetensors`, bytes)
  const expected = Object.fromEntries(CORPUS.map(({ name, reader, message }) => [name, { reader, message }]))
  writeFileSync(`${FOLDER}expected.json`, `${JSON.stringify(expected, null, 2)}\n`)
}
