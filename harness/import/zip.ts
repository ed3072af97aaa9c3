/**
 * A ZIP file in memory, read strictly (PKWARE's APPNOTE 6.3.10): what the directory says must be what the entries are,
 * nothing may overlap, and nothing is unpacked beyond its declared size. Stored and deflated entries only.
 */
import { crc32, inflateRawSync } from 'node:zlib'
import { refuse } from './refuse'

/** The most bytes of all entries together, unpacked. */
export const MOST_BYTES = 2 ** 28

export interface Zip {
  names: string[]
  /**
   * The unpacked bytes of an entry, checked against its CRC-32; null if there is no such entry. One of more than `most`
   * bytes is refused before it is unpacked.
   */
  read(name: string, most?: number): Uint8Array<ArrayBuffer> | null
}

interface Entry {
  name: string
  method: number
  crc: number
  packed: number
  size: number
  /** Of its local header. */
  at: number
}

const [LOCAL, CENTRAL, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50]
const [END_BYTES, END64_BYTES, LOCATOR64_BYTES, CENTRAL_BYTES, LOCAL_BYTES] = [22, 56, 20, 46, 30]
const STORED = 0
const DEFLATED = 8
/** Bits of the flags: encrypted, patched, strongly encrypted, with a masked header. */
const REFUSED_FLAGS = 0x1 | 0x20 | 0x40 | 0x2000
const MOST_ENTRIES = 4096
const SAVE_AGAIN = 'Save the model again with its own library, and give that file'

/** Whether the bytes begin as those of a ZIP file. */
export const isZip = (bytes: Uint8Array): boolean => bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === LOCAL

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)

/** @param where Name of the file, for messages. @throws UsageError for anything that is not as it should be. */
export function openZip(bytes: Uint8Array, where: string): Zip {
  const fail = (what: string): never => refuse(where, what, SAVE_AGAIN)
  const directory = findDirectory(bytes, fail)
  const entries = readEntries(bytes, directory, fail)
  const starts = checkPlaces(bytes, entries, directory.offset, fail)
  const total = [...entries.values()].reduce((sum, { size }) => sum + size, 0)
  if (total > MOST_BYTES) {
    refuse(where, `its entries are ${total} bytes unpacked, more than ${MOST_BYTES}`, 'Save a smaller network')
  }
  return {
    names: [...entries.keys()],
    read(name, most = MOST_BYTES) {
      const entry = entries.get(name)
      if (!entry) return null
      const wrong = (what: string): never => fail(`entry ${JSON.stringify(name)} ${what}`)
      if (entry.size > most) wrong(`is ${entry.size} bytes, more than ${most}`)
      const start = starts.get(name)!
      return unpack(bytes.subarray(start, start + entry.packed), entry, wrong)
    },
  }
}

interface Directory {
  offset: number
  size: number
  count: number
}

/** From the record at the end of the file, whose comment must reach exactly the last byte. */
function findDirectory(bytes: Uint8Array, fail: (what: string) => never): Directory {
  const view = viewOf(bytes)
  const first = Math.max(0, bytes.length - END_BYTES - 0xffff)
  let end = bytes.length - END_BYTES
  while (
    end >= first &&
    !(view.getUint32(end, true) === END && end + END_BYTES + view.getUint16(end + 20, true) === bytes.length)
  )
    end--
  if (end < first) fail('has no directory of a ZIP at its end: it is damaged, or cut off')
  const [disk, directoryDisk, here, count] = [4, 6, 8, 10].map((at) => view.getUint16(end + at, true))
  const [size, offset] = [12, 16].map((at) => view.getUint32(end + at, true))
  if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff)
    fail('is a ZIP64 of more than 4 GiB or 65,534 entries')
  if (disk !== 0 || directoryDisk !== 0 || here !== count) fail('is one part of a ZIP in several')
  if (count > MOST_ENTRIES) fail(`has ${count} entries, more than ${MOST_ENTRIES}`)
  // PyTorch writes the record of a ZIP64 besides; it must say the same.
  const locator = end - LOCATOR64_BYTES
  const has64 = locator >= END64_BYTES && view.getUint32(locator, true) === LOCATOR64
  const after = has64 ? locator - END64_BYTES : end
  if (has64) {
    const said = [24, 32, 40, 48].map((at) => Number(view.getBigUint64(after + at, true)))
    const isSame = String(said) === String([count, count, size, offset])
    if (view.getUint32(after, true) !== END64 || !isSame) fail('has a directory of a ZIP64 that says something else')
  }
  if (offset + size !== after) fail('has a directory that does not end where the file says')
  return { offset, size, count }
}

function readEntries(bytes: Uint8Array, { offset, size, count }: Directory, fail: (what: string) => never) {
  const view = viewOf(bytes)
  const entries = new Map<string, Entry>()
  const end = offset + size
  let at = offset
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL) fail(`has no entry ${i} in its directory`)
    const [flags, method] = [8, 10].map((field) => view.getUint16(at + field, true))
    const [crc, packed, unpacked] = [16, 20, 24].map((field) => view.getUint32(at + field, true))
    const [nameBytes, extra, comment, disk] = [28, 30, 32, 34].map((field) => view.getUint16(at + field, true))
    const next = at + CENTRAL_BYTES + nameBytes + extra + comment
    if (next > end) fail(`has an entry ${i} that passes the end of its directory`)
    const name = nameOf(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes), i, fail)
    const wrong = (what: string): never => fail(`entry ${JSON.stringify(name)} ${what}`)
    if (entries.has(name)) wrong('occurs twice')
    if (flags & REFUSED_FLAGS) wrong('is encrypted')
    if (method !== STORED && method !== DEFLATED) wrong(`is packed by method ${method}, not stored or deflated`)
    if (packed === 0xffffffff || unpacked === 0xffffffff || disk !== 0) wrong('is of a ZIP64, or on another disk')
    if (method === STORED && packed !== unpacked) wrong(`is stored, but ${packed} bytes are said to be ${unpacked}`)
    entries.set(name, { name, method, crc, packed, size: unpacked, at: view.getUint32(at + 42, true) })
    at = next
  }
  if (at !== end) fail('has more in its directory than entries')
  return entries
}

function nameOf(bytes: Uint8Array, i: number, fail: (what: string) => never): string {
  let name: string
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return fail(`has an entry ${i} whose name is not UTF-8`)
  }
  const isPlain = /^[^\\\p{Cc}:]{1,200}$/u.test(name) && !name.startsWith('/')
  if (!isPlain || name.split('/').includes('..'))
    fail(`has an entry with the name ${JSON.stringify(name.slice(0, 200))}`)
  return name
}

/** Where the data of each entry starts: between the local headers, which say the same as the directory, and apart. */
function checkPlaces(bytes: Uint8Array, entries: Map<string, Entry>, end: number, fail: (what: string) => never) {
  const view = viewOf(bytes)
  const starts = new Map<string, number>()
  let free = 0
  for (const { name, at, method, packed } of [...entries.values()].sort((a, b) => a.at - b.at)) {
    const wrong = (what: string): never => fail(`entry ${JSON.stringify(name)} ${what}`)
    if (at < free) wrong('overlaps another one')
    if (at + LOCAL_BYTES > end || view.getUint32(at, true) !== LOCAL) wrong('is not where the directory says')
    const [flags, ownMethod] = [6, 8].map((field) => view.getUint16(at + field, true))
    const [nameBytes, extra] = [26, 28].map((field) => view.getUint16(at + field, true))
    const start = at + LOCAL_BYTES + nameBytes + extra
    const own = new TextDecoder().decode(bytes.subarray(at + LOCAL_BYTES, at + LOCAL_BYTES + nameBytes))
    if (own !== name || ownMethod !== method || flags & REFUSED_FLAGS) wrong('has a header that says something else')
    if (start + packed > end) wrong('passes the end of the data')
    starts.set(name, start)
    free = start + packed
  }
  return starts
}

function unpack(packed: Uint8Array, { method, size, crc }: Entry, wrong: (what: string) => never) {
  let bytes: Uint8Array<ArrayBuffer>
  try {
    // One byte more than declared is enough to see that it is too long.
    bytes = new Uint8Array(method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: size + 1 }))
  } catch (error) {
    return wrong(`cannot be unpacked to its ${size} bytes (${(error as Error).message})`)
  }
  if (bytes.length !== size) wrong(`is ${bytes.length} bytes, not the ${size} of the directory`)
  if (crc32(bytes) >>> 0 !== crc) wrong('has another CRC-32 than the directory says: it is damaged')
  return bytes
}
