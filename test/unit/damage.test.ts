/**
 * Damaged files are refused, or read with the same contents as before. No header makes the reader hang, crash or change
 * Object.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../src/files/safetensors'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { PolicyError } from '../../src/policy/policy'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'

const SHAPE: NetworkShape = {
  ...{ obsDim: 2, actionDim: 2, actorHidden: [2], criticHidden: [1], activation: 'tanh', dist: 'gaussian' },
}
const PARAMS = Float32Array.from({ length: layoutNetwork(SHAPE).paramStride }, (_, i) => Math.sin(i + 1))
const NORMALISER = { obs: { mean: [1, -1], variance: [4, 0.25], count: 8 }, returns: null }
const POLICY = policyFile('CartPole-v1', SHAPE, PARAMS, NORMALISER)

/** The whole contents of a policy, as text. */
function said(bytes: Uint8Array): string {
  const { env, shape, normaliser, outputs, value } = loadPolicy(bytes)
  const { tensors } = readSafetensors(bytes)
  const numbers = [...tensors].map(([name, { data }]) => [name, ...(data as Float32Array)]).sort()
  return JSON.stringify({ env, shape, normaliser, outputs: outputs([0.5, 2]), value: value([0.5, 2]), numbers })
}
const SAID = said(POLICY)

/** Refused by an error of the project's own, or read with the same meaning; anything else fails the test. */
function refused(bytes: Uint8Array, what: string): boolean {
  let now: string
  try {
    now = said(bytes)
  } catch (error) {
    if (error instanceof SafetensorsError || error instanceof PolicyError) return true
    throw new Error(`${what}: ${(error as Error).stack}`)
  }
  if (now !== SAID) throw new Error(`${what}: read as ${now}`)
  return false
}

const headerLength = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)

describe('a policy file', () => {
  test('with any one bit flipped; in the weights it is always refused', () => {
    const bytes = POLICY.slice()
    const dataStart = 8 + headerLength(bytes)
    let read = 0
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7)
      const ok = refused(bytes, `bit ${bit}`)
      if (!ok) read++
      if (bit >= 8 * dataStart && !ok) throw new Error(`bit ${bit} of the weights was not noticed`)
      bytes[bit >> 3] ^= 1 << (bit & 7)
    }
    // Still accepted: other white space at the end of the header.
    expect(read).toBeLessThanOrEqual(8 * 7)
    expect(refused(bytes, 'none')).toBe(false)
  })

  test('cut anywhere is refused', () => {
    for (let n = 0; n < POLICY.length; n++) expect(refused(POLICY.subarray(0, n), `cut at ${n}`)).toBe(true)
  })

  test('with bytes put in anywhere is refused', () => {
    fc.assert(
      fc.property(fc.nat(POLICY.length), fc.uint8Array({ minLength: 1, maxLength: 20 }), (at, more) => {
        const bytes = new Uint8Array([...POLICY.subarray(0, at), ...more, ...POLICY.subarray(at)])
        expect(refused(bytes, `${more} at ${at}`)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('with a run of bytes overwritten, or two swapped', () => {
    fc.assert(
      fc.property(fc.nat(POLICY.length - 1), fc.uint8Array({ minLength: 1, maxLength: 6 }), (at, run) => {
        const bytes = POLICY.slice()
        bytes.set(run.subarray(0, bytes.length - at), at)
        refused(bytes, `${run} at ${at}`)
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.nat(POLICY.length - 1), fc.nat(POLICY.length - 1), (i, j) => {
        const bytes = POLICY.slice()
        ;[bytes[i], bytes[j]] = [bytes[j], bytes[i]]
        refused(bytes, `${i} and ${j}`)
      }),
      { numRuns: 2000 },
    )
  })

  test('control: without its checksum a flipped weight is read', () => {
    const dataStart = 8 + headerLength(POLICY)
    const header = new TextDecoder().decode(POLICY.subarray(8, dataStart))
    const data = POLICY.subarray(dataStart)
    const bytes = withHeader(header.replace(/,"ppo-webgpu-crc32c":"[0-9a-f]{8}"/, ''), data)
    expect(bytes.length).toBeLessThan(POLICY.length)
    expect(refused(bytes, 'as it is')).toBe(false)
    bytes[bytes.length - 1] ^= 1
    expect(() => refused(bytes, 'flipped')).toThrow('flipped: read as')
  })
})

/** A file with this text as its header, and by default four bytes of data. */
function withHeader(text: string, data: Uint8Array = new Uint8Array(4)): Uint8Array {
  const json = new TextEncoder().encode(text)
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

const OBJECT = Object.getOwnPropertyNames(Object.prototype).sort()
/** Throws if the reader throws anything but its own error, or Object has changed afterwards. */
function survives(text: string): void {
  try {
    const { metadata, tensors } = readSafetensors(withHeader(text))
    expect(metadata.constructor).not.toBe(Object)
    for (const { shape, data } of tensors.values()) expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error
  }
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(OBJECT)
}

const NAMES = [
  '__proto__',
  '__metadata__',
  'constructor',
  'prototype',
  'toString',
  'dtype',
  'shape',
  'data_offsets',
  'a',
]
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string())
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('F32', 'U8', 0, 4, 2 ** 53, -1, 0.5, 1e300, null, true),
    fc.array(fc.nat(5), { maxLength: 3 }),
    fc.dictionary(name, tie('tree'), { noNullPrototype: false }),
    fc.string({ unit: 'binary' }),
  ),
}))
const entry = fc.record(
  {
    dtype: fc.constantFrom('F32', 'U8', 'I64', 'F8'),
    shape: fc.array(fc.nat(4), { maxLength: 2 }),
    data_offsets: tree,
  },
  { requiredKeys: [] },
)

describe('headers', () => {
  test('of random JSON, of the right form and not', () => {
    const header = fc.oneof(fc.dictionary(name, fc.oneof(entry, tree)), tree, fc.json())
    fc.assert(
      fc.property(header, (value) => survives(typeof value === 'string' ? value : JSON.stringify(value))),
      { numRuns: 3000 },
    )
  })

  test('of random tokens', () => {
    const tokens = ['{', '}', '[', ']', ':', ',', '"', '\\', '\\u00', ' ', '\n', '1', '-', 'e', '.5', 'null', '\ud800']
    const word = fc.constantFrom(...tokens, ...NAMES.map((n) => `"${n}":`), '"F32"', '{"a":{')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => survives(`{${words.join('')}`)),
      { numRuns: 3000 },
    )
  })

  test('that pollute: constructor.prototype and __proto__ at every place', () => {
    for (const key of ['__proto__', 'constructor', '\\u005f_proto__']) {
      const bad = `{"${key}":{"polluted":"yes"},"prototype":{"polluted":"yes"}}`
      for (const text of [bad, `{"__metadata__":${bad}}`, `{"a":${bad}}`, `{"a":{"shape":${bad}}}`]) survives(text)
    }
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  test('of a megabyte, made to be slow, take under two seconds each', () => {
    const n = 2 ** 20 - 100
    const slow: [string, string][] = [
      ['brackets', `{"a":${'['.repeat(n / 2)}${']'.repeat(n / 2)}}`],
      ['braces', '{"a":'.repeat(n / 6) + '{}'.padEnd(n / 6, '}')],
      ['white space', `{"a"${' '.repeat(n)}`],
      ['white space behind every text', `{${`"a"${' '.repeat(1000)},`.repeat(n / 1010)}}`],
      ['backslashes', `{"${'\\\\'.repeat(n / 2)}"}`],
      ['an open text', `{"${'\\"'.repeat(n / 2)}`],
      ['digits', `{"a":${'1'.repeat(n)}}`],
      ['names', `{${Array.from({ length: n / 12 }, (_, i) => `"${i}":{}`).join()}}`],
      ['sizes', `{"a":{"dtype":"U8","shape":[${'1,'.repeat(n / 3)}1],"data_offsets":[0,4]}}`],
      [
        'tensors',
        `{${Array.from({ length: n / 60 }, (_, i) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`)}}`,
      ],
    ]
    for (const [what, text] of slow) {
      const start = performance.now()
      survives(text)
      expect(performance.now() - start, what).toBeLessThan(2000)
    }
  })
})

describe('the writer', () => {
  test('refuses what no other program could read, or what is its own', () => {
    const tensor = (name: string) => ({ name, shape: [1], data: new Float32Array(1) })
    expect(() => writeSafetensors([tensor('\ud800')])).toThrow('the text "\\ud800" holds half of a character.')
    expect(() => writeSafetensors([], { k: 'a\udc00' })).toThrow('__metadata__.k: the text "a\\udc00" holds half of a')
    expect(() => writeSafetensors([], { 'ppo-webgpu-crc32c': '0' })).toThrow('the name is reserved')
  })

  test('gives a checksum that the reader takes out again', () => {
    const bytes = writeSafetensors([], { k: 'v' })
    expect(new TextDecoder().decode(bytes.subarray(8))).toMatch(/"ppo-webgpu-crc32c":"[0-9a-f]{8}"/)
    expect({ ...readSafetensors(bytes).metadata }).toEqual({ k: 'v' })
  })
})
