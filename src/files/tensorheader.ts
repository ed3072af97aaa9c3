/**
 * The header of a safetensors file: JSON with the names of the tensors, checked more strictly than by the format's own
 * reader.
 */
import { BYTES, type Dtype, NOT_READ } from './tensordata'

/** A file that is not valid safetensors. The message says which file, where in it, and what is wrong. */
export class SafetensorsError extends Error {
  override name = 'SafetensorsError'
}

export type Fail = (where: string, what: string) => never
export const failIn =
  (file: string): Fail =>
  (where, what) => {
    throw new SafetensorsError(`${file}: ${where}: ${what}.`)
  }

export const METADATA = '__metadata__'

export interface TensorInfo {
  name: string
  dtype: Dtype
  shape: number[]
  /** Bytes, from the start of the data. */
  begin: number
  end: number
}

export interface Header {
  metadata: Record<string, string>
  /** In the order of the header. */
  infos: TensorInfo[]
}

/** @param dataLength Bytes that follow the header. */
export function readHeader(bytes: Uint8Array, dataLength: number, fail: Fail): Header {
  // Without a prototype: Object's own keys must not be found here.
  const metadata: Record<string, string> = Object.create(null)
  const infos: TensorInfo[] = []
  for (const [name, value] of Object.entries(parseHeader(bytes, fail))) {
    if (name === METADATA) Object.assign(metadata, checkMetadata(value, fail))
    else infos.push(checkInfo(name, value, fail))
  }
  checkOffsets(infos, dataLength, fail)
  return { metadata, infos }
}

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  if (bytes[0] !== 0x7b) fail('header', `starts with ${bytes.length ? `byte ${bytes[0]}` : 'nothing'}, not with '{'`)
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(text)
  } catch (cause) {
    return fail('header', `is not JSON in UTF-8 (${(cause as Error).message})`)
  }
  checkTokens(text, fail)
  return header as Record<string, unknown>
}

/**
 * Finds what JSON.parse accepts silently: keys given twice, `__proto__`, halves of surrogate pairs, and numbers such as
 * 1.0, 1e2 or -0.
 */
function checkTokens(text: string, fail: Fail): void {
  const keys: Set<string>[] = []
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d[^\s,\]}]*|[{}]/g)) {
    if (token === '{') keys.push(new Set())
    else if (token === '}') keys.pop()
    else if (token[0] !== '"') {
      if (!/^\d+$/.test(token)) fail('header', `the number ${token} is not a plain unsigned integer`)
    } else if (token.endsWith(':')) {
      const key = JSON.parse(token.slice(0, -1)) as string
      const seen = keys[keys.length - 1]
      if (key === '__proto__') fail('header', 'the key "__proto__" is not allowed')
      if (seen.has(key)) fail('header', `the key ${JSON.stringify(key)} occurs twice`)
      checkText(key, 'header', fail)
      seen.add(key)
    }
  }
}

/** Half of a surrogate pair, which JSON can write as an escape, is not a character and has no UTF-8 encoding. */
export function checkText(text: string, where: string, fail: Fail): void {
  if (/\p{Surrogate}/u.test(text)) fail(where, `the text ${JSON.stringify(text)} holds half of a character`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function checkMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (!isObject(value)) return fail(METADATA, 'is not an object')
  for (const [key, text] of Object.entries(value)) {
    if (key === '__proto__') fail(METADATA, 'the key "__proto__" is not allowed')
    if (typeof text !== 'string') return fail(`${METADATA}.${key}`, `${JSON.stringify(text)} is not a string`)
    checkText(key, METADATA, fail)
    checkText(text, `${METADATA}.${key}`, fail)
  }
  return value as Record<string, string>
}

export const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)

function checkInfo(name: string, value: unknown, fail: Fail): TensorInfo {
  const where = `tensor ${JSON.stringify(name)}`
  if (!isObject(value)) return fail(where, 'its entry is not an object')
  const { dtype, shape, data_offsets, ...rest } = value
  for (const key of Object.keys(rest)) fail(where, `the key ${JSON.stringify(key)} is not known`)
  const elementSize = BYTES.get(dtype as string)
  if (elementSize === undefined) {
    const instead = NOT_READ.includes(dtype as string)
      ? 'is not read here: store the tensor as F32, or as another'
      : 'is not one'
    return fail(where, `dtype ${JSON.stringify(dtype)} ${instead} of ${[...BYTES.keys()].join(', ')}`)
  }
  if (!isSizes(shape)) return fail(where, `shape ${JSON.stringify(shape)} is not a list of whole numbers from 0`)
  if (!isSizes(data_offsets) || data_offsets.length !== 2 || data_offsets[0] > data_offsets[1]) {
    return fail(where, `data_offsets ${JSON.stringify(data_offsets)} is not [begin, end] with begin <= end`)
  }
  const [begin, end] = data_offsets
  const wanted = byteLength(shape, elementSize)
  if (end - begin !== wanted) {
    const takes = Number.isFinite(wanted) ? wanted : 'more than any file holds'
    fail(where, `data_offsets span ${end - begin} bytes, but ${dtype} [${shape}] takes ${takes}`)
  }
  return { name, dtype: dtype as Dtype, shape, begin, end }
}

/** Infinity if the product of the sizes, in order, is too large to be exact; also if a later size is 0. */
function byteLength(shape: readonly number[], elementSize: number): number {
  let bytes = elementSize
  for (const size of shape) {
    bytes *= size
    if (bytes > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY
  }
  return bytes
}

/** The tensors must fill the data from its first byte to its last, without holes or overlaps. */
function checkOffsets(infos: readonly TensorInfo[], length: number, fail: Fail): void {
  let at = 0
  for (const { name, begin, end } of infos.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) fail(`tensor ${JSON.stringify(name)}`, `starts at byte ${begin} of the data, expected ${at}`)
    at = end
  }
  if (at !== length) fail('data', `the tensors take ${at} bytes, the file holds ${length}`)
}
