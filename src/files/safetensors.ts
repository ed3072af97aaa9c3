/**
 * The safetensors file format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, the data.
 * The reader refuses everything that the format's own reader refuses, and more; its limits are the same for every file.
 *
 * The format has no checksum. Files written here have one in their metadata, which other readers ignore: the CRC-32C of
 * the contents of the header and of the data. If it is there, it must be right; files of other programs, without it,
 * are read.
 */
import { crc32c } from './crc32c'
import { ARRAYS, type Dtype, readNumbers, type TensorData } from './tensordata'
import {
  checkMetadata,
  checkText,
  type Fail,
  failIn,
  type Header,
  isSizes,
  METADATA,
  readHeader,
  type TensorInfo,
} from './tensorheader'

export type { Dtype, TensorData } from './tensordata'
export { SafetensorsError } from './tensorheader'

export interface Tensor {
  dtype: Dtype
  /** Row-major; `[]` is a scalar. */
  shape: number[]
  /**
   * The numbers: floats of less than 4 bytes (F16, BF16, F8_*) as f32, BOOL as bytes of 0 and 1, other types unchanged.
   */
  data: TensorData
}

export interface SafetensorsFile {
  metadata: Record<string, string>
  /** In the order of the header. */
  tensors: Map<string, Tensor>
}

const MAX_HEADER = 2 ** 20
/** The key of the checksum in the metadata; 8 hexadecimal digits. Callers of writer and reader do not see it. */
const CHECKSUM = 'ppo-webgpu-crc32c'

/**
 * Reads a whole file. The data of each tensor is copied into a separate array.
 * @param file Name of the file, for error messages.
 * @throws SafetensorsError for the first violation of the format, and for a wrong checksum.
 */
export function readSafetensors(bytes: Uint8Array, file = 'safetensors'): SafetensorsFile {
  const fail = failIn(file)
  if (bytes.length < 8) fail('file', `${bytes.length} bytes are too few; a file starts with 8 bytes of header length`)
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (headerLength > MAX_HEADER) fail('header', `its length ${headerLength} passes the limit of ${MAX_HEADER} bytes`)
  const dataStart = 8 + Number(headerLength)
  if (dataStart > bytes.length)
    fail('header', `its length ${headerLength} passes the end of the file (${bytes.length} bytes)`)
  const data = bytes.subarray(dataStart)
  const header = readHeader(bytes.subarray(8, dataStart), data.length, fail)
  checkChecksum(header, data, fail)
  const tensors = new Map<string, Tensor>()
  for (const { name, dtype, shape, begin, end } of header.infos) {
    const own = Uint8Array.prototype.slice.call(data, begin, end)
    const wrong = (what: string) => fail(`tensor ${JSON.stringify(name)}`, what)
    tensors.set(name, { dtype, shape, data: readNumbers(dtype, own, wrong) })
  }
  return { metadata: header.metadata, tensors }
}

/** Compares the checksum, if there is one, and removes it from the metadata. */
function checkChecksum({ metadata, infos }: Header, data: Uint8Array, fail: Fail): void {
  const given = metadata[CHECKSUM]
  if (given === undefined) return
  delete metadata[CHECKSUM]
  const found = checksum({ metadata, infos }, [data])
  if (given === found) return
  const where = `${METADATA}.${CHECKSUM}`
  fail(
    where,
    `${JSON.stringify(given)}, but the file's is "${found}": it was damaged, or changed; a program that changes it leaves this key out`,
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/**
 * Over the contents of the header, however it is formatted: metadata and tensors by name, as JSON; then over the data.
 */
function checksum({ metadata, infos }: Header, data: readonly Uint8Array[]): string {
  const texts = Object.entries(metadata).sort(([a], [b]) => compare(a, b))
  const tensors = infos.toSorted((a, b) => compare(a.name, b.name))
  const said = [texts, tensors.map(({ name, dtype, shape, begin, end }) => [name, dtype, shape, begin, end])]
  let crc = crc32c(new TextEncoder().encode(JSON.stringify(said)))
  for (const bytes of data) crc = crc32c(bytes, crc)
  return crc.toString(16).padStart(8, '0')
}

/** A tensor to write; its dtype is that of the array. */
export interface TensorToWrite {
  name: string
  shape: readonly number[]
  data: TensorData
}

/**
 * Writes a whole file, with its checksum. The header is padded with spaces to a multiple of 8 bytes and the tensors are
 * ordered by the size of their elements, largest first, so that each is aligned; ties keep the given order.
 * @throws SafetensorsError if a name is reserved, given twice or not text, or a shape does not fit its data.
 */
export function writeSafetensors(tensors: readonly TensorToWrite[], metadata: Record<string, string> = {}): Uint8Array {
  const fail = failIn('writeSafetensors')
  checkMetadata(metadata, fail)
  if (Object.hasOwn(metadata, CHECKSUM)) fail(`${METADATA}.${CHECKSUM}`, 'the name is reserved')
  const sorted = tensors.toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)
  const infos = tensorInfos(sorted, fail)
  const data = sorted.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  const marked = { ...metadata, [CHECKSUM]: checksum({ metadata, infos }, data) }
  const entries = infos.map(({ name, dtype, shape, begin, end }): [string, unknown] => {
    return [name, { dtype, shape, data_offsets: [begin, end] }]
  })
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([[METADATA, marked], ...entries])))
  const headerLength = Math.ceil(json.length / 8) * 8
  if (headerLength > MAX_HEADER) fail('header', `its length ${headerLength} passes the limit of ${MAX_HEADER} bytes`)
  const bytes = new Uint8Array(8 + headerLength + (infos.at(-1)?.end ?? 0))
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.set(json, 8)
  bytes.fill(0x20, 8 + json.length, 8 + headerLength)
  infos.forEach(({ begin }, i) => {
    bytes.set(data[i], 8 + headerLength + begin)
  })
  return bytes
}

/** The header's entry of each tensor, with consecutive offsets. */
function tensorInfos(tensors: readonly TensorToWrite[], fail: Fail): TensorInfo[] {
  const names = new Set([METADATA, '__proto__'])
  let end = 0
  return tensors.map(({ name, shape, data }) => {
    const where = `tensor ${JSON.stringify(name)}`
    if (names.has(name)) fail(where, 'the name is reserved or given twice')
    checkText(name, where, fail)
    names.add(name)
    const dtype = (Object.keys(ARRAYS) as (keyof typeof ARRAYS)[]).find((key) => data instanceof ARRAYS[key])
    if (!dtype) return fail(where, 'the data has no dtype of the format')
    const size = shape.reduce((a, b) => a * b, 1)
    if (!isSizes(shape) || size !== data.length) fail(where, `shape [${shape}] does not fit ${data.length} numbers`)
    const begin = end
    end += data.byteLength
    return { name, dtype, shape: [...shape], begin, end }
  })
}
