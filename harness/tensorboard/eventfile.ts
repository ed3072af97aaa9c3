/**
 * TensorBoard's event files: records in TFRecord's framing (tensorflow/core/lib/io/record_writer.h), each an `Event`
 * (tensorflow/core/util/event.proto) written as protobuf. Numbers before a value are field numbers of that file and of
 * summary.proto.
 */
import { closeSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { largest } from '../../src/extremes'
import { crc32c } from '../../src/files/crc32c'
import { openAppended } from '../disk/appended'
import type { DiskWatch } from '../disk/disk'

export interface EventFile {
  path: string
  /** One event with all `values`, by tag; stored for the next `flush`, as all are. */
  scalars(step: number, values: Iterable<readonly [tag: string, value: number]>): void
  /** Markdown for the panel "Text". */
  text(tag: string, markdown: string): void
  /** What a plugin reads from the metadata of a summary; the summary's value is empty. */
  plugin(name: string, tag: string, content: Uint8Array): void
  flush(): void
  close(): void
}

/**
 * Creates an event file in `folder`, which must exist.
 * @param after Continue after this step: TensorBoard reads the files of a folder in the order of their names, and drops
 * later steps of earlier files.
 * @param now Milliseconds since 1970.
 */
export function openEventFile(
  folder: string,
  watch: DiskWatch,
  after: number | null = null,
  now: () => number = Date.now,
): EventFile {
  const path = makeNew(folder, Math.floor(now() / 1000))
  const framed = (step: number, write: (writer: BinaryWriter) => void): Uint8Array => {
    const writer = new BinaryWriter()
    writer.tag(1, WireType.Bit64).double(now() / 1000)
    if (step > 0) writer.tag(2, WireType.Varint).int64(step)
    write(writer)
    return frame(writer.finish())
  }
  const version = () => framed(0, (w) => w.tag(3, WireType.LengthDelimited).string('brain.Event:2'))
  const file = openAppended(path, watch, 0, version)
  const event = (step: number, write: (writer: BinaryWriter) => void): void => file.add(framed(step, write))
  file.add(version())
  if (after !== null) {
    // A SessionLog whose status is START.
    event(after + 1, (w) => w.tag(7, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int32(1).join())
  }
  return {
    path,
    scalars: (step, values) =>
      event(step, (w) => {
        w.tag(5, WireType.LengthDelimited).fork()
        for (const [tag, value] of values) {
          w.tag(1, WireType.LengthDelimited).fork()
          w.tag(1, WireType.LengthDelimited).string(tag).tag(2, WireType.Bit32).float(value)
          w.join()
        }
        w.join()
      }),
    text: (tag, markdown) => event(0, (w) => writeText(w, tag, markdown)),
    plugin: (name, tag, content) => event(0, (w) => writePlugin(w, name, tag, content)),
    flush: file.flush,
    close: file.close,
  }
}

/** The names of event files written here: seconds since 1970, and a number. */
export const EVENT_FILE = /^events\.out\.tfevents\.(\d+)\.ppo-webgpu\.\d+$/

/** Names begin with the prefix that TensorBoard looks for, and sort by the time of their creation. */
function makeNew(folder: string, now: number): string {
  const earlier = readdirSync(folder).map((name) => Number(EVENT_FILE.exec(name)?.[1] ?? 0))
  const seconds = largest(earlier, now) // the clock may have been set back
  for (let number = 0; ; number++) {
    const path = join(folder, `events.out.tfevents.${seconds}.ppo-webgpu.${String(number).padStart(3, '0')}`)
    try {
      closeSync(openSync(path, 'wx'))
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const DT_FLOAT = 1
const DT_STRING = 7

/** A summary of one value: a tensor of `size` entries, for the plugin `name`. */
function writeTensor(
  writer: BinaryWriter,
  { name, tag, content }: { name: string; tag: string; content?: Uint8Array },
  { type, size, entries }: { type: number; size: number; entries(tensor: BinaryWriter): void },
): void {
  const summary = writer.tag(5, WireType.LengthDelimited).fork()
  const value = summary.tag(1, WireType.LengthDelimited).fork()
  value.tag(1, WireType.LengthDelimited).string(tag)
  const tensor = value.tag(8, WireType.LengthDelimited).fork()
  tensor.tag(1, WireType.Varint).int32(type)
  const shape = tensor.tag(2, WireType.LengthDelimited).fork()
  shape.tag(2, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int64(size).join()
  shape.join()
  entries(tensor)
  tensor.join()
  const metadata = value.tag(9, WireType.LengthDelimited).fork()
  const plugin = metadata.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(name)
  if (content) plugin.tag(2, WireType.LengthDelimited).bytes(content)
  plugin.join()
  metadata.join()
  value.join()
  summary.join()
}

const writeText = (writer: BinaryWriter, tag: string, markdown: string): void =>
  writeTensor(
    writer,
    { name: 'text', tag },
    { type: DT_STRING, size: 1, entries: (tensor) => tensor.tag(8, WireType.LengthDelimited).string(markdown) },
  )

const writePlugin = (writer: BinaryWriter, name: string, tag: string, content: Uint8Array): void =>
  writeTensor(writer, { name, tag, content }, { type: DT_FLOAT, size: 0, entries: () => undefined })

/** Length (u64), its checksum, the data, its checksum; all little-endian. */
function frame(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + 4 + data.length + 4)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true)
  bytes.set(data, 12)
  view.setUint32(12 + data.length, masked(crc32c(data)), true)
  return bytes
}

/** A checksum in the masked form that may be stored in checksummed data (tensorflow/core/lib/hash/crc32c.h). */
export const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
