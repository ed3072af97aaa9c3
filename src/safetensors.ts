/**
 * The safetensors file format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, the data.
 * The reader refuses whatever the format's own reader refuses, and more; it holds the same limits for every file.
 */

const DTYPES = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const

export type Dtype = keyof typeof DTYPES
export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array

export interface Tensor {
  dtype: Dtype
  /** Row-major; `[]` is a scalar. */
  shape: number[]
  data: TensorData
}

export interface SafetensorsFile {
  metadata: Record<string, string>
  /** In the order of the header. */
  tensors: Map<string, Tensor>
}

/** A file that is not valid safetensors. The message names the file, the place in it and what is wrong. */
export class SafetensorsError extends Error {
  override name = 'SafetensorsError'
}

const MAX_HEADER = 2 ** 20
const METADATA = '__metadata__'

/**
 * Reads a whole file. The data of each tensor is copied into an array of its own.
 * @param file Name of the file, for error messages.
 * @throws SafetensorsError at the first thing that is not exactly as the format wants it.
 */
export function readSafetensors(bytes: Uint8Array, file = 'safetensors'): SafetensorsFile {
  const fail = failIn(file)
  if (bytes.length < 8) fail('file', `${bytes.length} bytes are too few; a file starts with 8 bytes of header length`)
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (headerLength > MAX_HEADER) fail('header', `its length ${headerLength} passes the limit of ${MAX_HEADER} bytes`)
  const dataStart = 8 + Number(headerLength)
  if (dataStart > bytes.length)
    fail('header', `its length ${headerLength} passes the end of the file (${bytes.length} bytes)`)
  const header = parseHeader(bytes.subarray(8, dataStart), fail)

  const metadata: Record<string, string> = {}
  const infos: TensorInfo[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) Object.assign(metadata, checkMetadata(value, fail))
    else infos.push(checkInfo(name, value, fail))
  }
  const data = bytes.subarray(dataStart)
  checkOffsets(infos, data.length, fail)
  const tensors = new Map<string, Tensor>()
  for (const { name, dtype, shape, begin, end } of infos) {
    tensors.set(name, {
      dtype,
      shape,
      data: new DTYPES[dtype](Uint8Array.prototype.slice.call(data, begin, end).buffer),
    })
  }
  return { metadata, tensors }
}

type Fail = (where: string, what: string) => never
const failIn =
  (file: string): Fail =>
  (where, what) => {
    throw new SafetensorsError(`${file}: ${where}: ${what}.`)
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

/** What JSON.parse hides in a text that it accepts: keys given twice, `__proto__`, and numbers such as 1.0, 1e2 or -0. */
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
      seen.add(key)
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checkMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (!isObject(value)) return fail(METADATA, 'is not an object')
  for (const [key, text] of Object.entries(value)) {
    if (key === '__proto__') fail(METADATA, 'the key "__proto__" is not allowed')
    if (typeof text !== 'string') fail(`${METADATA}.${key}`, `${JSON.stringify(text)} is not a string`)
  }
  return value as Record<string, string>
}

interface TensorInfo {
  name: string
  dtype: Dtype
  shape: number[]
  /** Bytes, from the start of the data. */
  begin: number
  end: number
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)

function checkInfo(name: string, value: unknown, fail: Fail): TensorInfo {
  const where = `tensor ${JSON.stringify(name)}`
  if (!isObject(value)) return fail(where, 'its entry is not an object')
  const { dtype, shape, data_offsets, ...rest } = value
  for (const key of Object.keys(rest)) fail(where, `the key ${JSON.stringify(key)} is not known`)
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPES, dtype)) {
    return fail(where, `dtype ${JSON.stringify(dtype)} is not one of ${Object.keys(DTYPES).join(', ')}`)
  }
  if (!isSizes(shape)) return fail(where, `shape ${JSON.stringify(shape)} is not a list of whole numbers from 0`)
  if (!isSizes(data_offsets) || data_offsets.length !== 2 || data_offsets[0] > data_offsets[1]) {
    return fail(where, `data_offsets ${JSON.stringify(data_offsets)} is not [begin, end] with begin <= end`)
  }
  const [begin, end] = data_offsets
  const wanted = shape.reduce((a, b) => a * b, 1) * DTYPES[dtype as Dtype].BYTES_PER_ELEMENT
  if (end - begin !== wanted) {
    fail(where, `data_offsets span ${end - begin} bytes, but ${dtype} [${shape}] takes ${wanted}`)
  }
  return { name, dtype: dtype as Dtype, shape, begin, end }
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

/** A tensor to write; its dtype is that of the array. */
export interface TensorToWrite {
  name: string
  shape: readonly number[]
  data: TensorData
}

/**
 * Writes a whole file. The header is padded with spaces to a multiple of 8 bytes and the tensors are ordered by the
 * size of their elements, largest first, so that each is aligned; ties keep the given order.
 * @throws SafetensorsError when a name is reserved or given twice, or a shape does not fit its data.
 */
export function writeSafetensors(tensors: readonly TensorToWrite[], metadata: Record<string, string> = {}): Uint8Array {
  const fail = failIn('writeSafetensors')
  const header = new Map<string, unknown>([[METADATA, checkMetadata(metadata, fail)]])
  const sorted = tensors.toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)
  let end = 0
  for (const { name, shape, data } of sorted) {
    const where = `tensor ${JSON.stringify(name)}`
    if (header.has(name) || name === '__proto__') fail(where, 'the name is reserved or given twice')
    const dtype = Object.entries(DTYPES).find(([, kind]) => data instanceof kind)?.[0]
    if (!dtype) fail(where, 'the data has no dtype of the format')
    const size = shape.reduce((a, b) => a * b, 1)
    if (!isSizes(shape) || size !== data.length) fail(where, `shape [${shape}] does not fit ${data.length} numbers`)
    const begin = end
    end += data.byteLength
    header.set(name, { dtype, shape, data_offsets: [begin, end] })
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const headerLength = Math.ceil(json.length / 8) * 8
  if (headerLength > MAX_HEADER) fail('header', `its length ${headerLength} passes the limit of ${MAX_HEADER} bytes`)
  const bytes = new Uint8Array(8 + headerLength + end)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.set(json, 8)
  bytes.fill(0x20, 8 + json.length, 8 + headerLength)
  let at = 8 + headerLength
  for (const { data } of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}
