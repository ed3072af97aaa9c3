/** Pickles and ZIP files, byte by byte: as hostile as a test wants them. */
import { crc32, deflateRawSync } from 'node:zlib'

type Part = number | string | Uint8Array
export const bytesOf = (...parts: Part[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'number' ? [part] : typeof part === 'string' ? [...Buffer.from(part)] : [...part],
    ),
  )
export const u16 = (n: number): Uint8Array => new Uint8Array(Uint16Array.of(n).buffer)
export const u32 = (n: number): Uint8Array => new Uint8Array(Uint32Array.of(n).buffer)

/** BINUNICODE */
export const text = (value: string): Uint8Array => bytesOf('X', u32(Buffer.byteLength(value)), value)
/** BININT */
export const int = (value: number): Uint8Array => bytesOf('J', u32(value))
export const tuple = (...items: Uint8Array[]): Uint8Array => bytesOf('(', ...items, 't')
export const global = (module: string, name: string): Uint8Array => bytesOf('c', `${module}\n${name}\n`)
export const pickle = (...parts: Part[]): Uint8Array<ArrayBuffer> => bytesOf(0x80, 2, ...parts, '.')

export interface TensorParts {
  type: string
  key: string
  count: number
  offset: number
  shape: number[]
  strides: number[]
}

/** A tensor as `torch.save` writes it. */
export function tensor(given: Partial<TensorParts> = {}): Uint8Array {
  const { type, key, count, offset, shape, strides } = {
    ...{ type: 'FloatStorage', key: '0', count: 8, offset: 0, shape: [2, 4], strides: [4, 1], ...given },
  }
  const storage = bytesOf(tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(count)), 'Q')
  const sizes = [shape, strides].map((list) => tuple(...list.map(int)))
  const hooks = bytesOf(global('collections', 'OrderedDict'), ')R')
  return bytesOf(
    global('torch._utils', '_rebuild_tensor_v2'),
    tuple(storage, int(offset), ...sizes, bytesOf(0x89), hooks),
    'R',
  )
}

/** An OrderedDict of these items. */
export const dict = (...items: [string, Uint8Array][]): Uint8Array =>
  bytesOf(global('collections', 'OrderedDict'), ')R(', ...items.map(([key, value]) => bytesOf(text(key), value)), 'u')

/** What an entry says, where that differs from what it is. */
export interface EntryLies {
  /** In the directory. */
  name: string
  size: number
  packed: number
  crc: number
  flags: number
  method: number
  /** Of the local header. */
  at: number
  deflate: boolean
}

/** A ZIP of these entries. */
export function zipOf(
  entries: [name: string, content: Uint8Array, lies?: Partial<EntryLies>][],
): Uint8Array<ArrayBuffer> {
  let data = bytesOf()
  let directory = bytesOf()
  for (const [name, content, lies = {}] of entries) {
    const packed = lies.deflate ? deflateRawSync(content) : content
    const said = {
      ...{ name, size: content.length, packed: packed.length, crc: crc32(content), flags: 0, at: data.length },
      ...{ method: lies.deflate ? 8 : 0, ...lies },
    }
    const fields = (label: string): Uint8Array =>
      bytesOf(
        u16(20),
        u16(said.flags),
        u16(said.method),
        u32(0),
        u32(said.crc),
        u32(said.packed),
        u32(said.size),
        u16(label.length),
        u16(0),
      )
    data = bytesOf(data, 'PK\x03\x04', fields(name), name, packed)
    directory = bytesOf(
      directory,
      'PK\x01\x02',
      u16(20),
      fields(said.name),
      u16(0),
      u16(0),
      u16(0),
      u32(0),
      u32(said.at),
      said.name,
    )
  }
  const end = bytesOf(
    'PK\x05\x06',
    u16(0),
    u16(0),
    u16(entries.length),
    u16(entries.length),
    u32(directory.length),
    u32(data.length),
    u16(0),
  )
  return bytesOf(data, directory, end)
}

/** A file of `torch.save` with this pickle, and a storage of 8 floats. */
export const torchFile = (pickled: Uint8Array, ...more: Parameters<typeof zipOf>[0]): Uint8Array<ArrayBuffer> =>
  zipOf([
    ['archive/data.pkl', pickled],
    ['archive/data/0', new Uint8Array(32)],
    ['archive/byteorder', bytesOf('little')],
    ...more,
  ])
