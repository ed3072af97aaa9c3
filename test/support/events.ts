/** Reads TensorBoard event files back, as plainly as possible, checking every checksum. */
import { readFileSync } from 'node:fs'
import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire'
import { masked } from '../../harness/tensorboard/eventfile'
import { crc32c } from '../../src/files/crc32c'

export interface ReadEvent {
  wallTime: number
  step: number
  version?: string
  /** The SessionLog's status; 1 is START. */
  session?: number
  scalars: Record<string, number>
  texts: Record<string, string>
  /** What the plugin "hparams" reads, by tag. */
  hparams: Record<string, ReadHParams>
}

export interface ReadHParams {
  /** Type and name of each hyperparameter, and tags of metrics, of an experiment. */
  types?: Record<string, number>
  metrics?: string[]
  /** Of the start of a session. */
  values?: Record<string, unknown>
  /** Of its end. */
  status?: number
  /** Of start or end. */
  seconds?: number
}

/** Fields of a message by number; repeated ones as often as they occur. */
function fields(bytes: Uint8Array): Map<number, unknown[]> {
  const reader = new BinaryReader(bytes)
  const found = new Map<number, unknown[]>()
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    const value = readValue(reader, type)
    found.set(field, [...(found.get(field) ?? []), value])
  }
  return found
}

function readValue(reader: BinaryReader, type: WireType): unknown {
  if (type === 0) return Number(reader.int64())
  if (type === 1) return reader.double()
  if (type === 2) return reader.bytes()
  if (type === 5) return reader.float()
  throw new Error(`wire type ${type}`)
}

const text = (bytes: unknown): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes as Uint8Array)
const inner = (value: unknown) => fields(value as Uint8Array)

export function readEvents(path: string): ReadEvent[] {
  const bytes = new Uint8Array(readFileSync(path))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const events: ReadEvent[] = []
  let at = 0
  const check = (begin: number, end: number) => {
    const wanted = masked(crc32c(bytes.subarray(begin, end)))
    if (view.getUint32(end, true) !== wanted) throw new Error(`${path}: wrong checksum at byte ${end}`)
  }
  while (at < bytes.length) {
    const length = Number(view.getBigUint64(at, true))
    check(at, at + 8)
    check(at + 12, at + 12 + length)
    events.push(readEvent(bytes.subarray(at + 12, at + 12 + length)))
    at += length + 16
  }
  return events
}

function readEvent(bytes: Uint8Array): ReadEvent {
  const event = fields(bytes)
  const [wallTime] = event.get(1) as number[]
  const read: ReadEvent = { wallTime, step: (event.get(2)?.[0] as number) ?? 0, scalars: {}, texts: {}, hparams: {} }
  if (event.has(3)) read.version = text(event.get(3)![0])
  if (event.has(7)) read.session = inner(event.get(7)![0]).get(1)![0] as number
  for (const value of event.has(5) ? (inner(event.get(5)![0]).get(1) ?? []) : []) {
    const summary = inner(value)
    const tag = text(summary.get(1)![0])
    if (summary.has(2)) read.scalars[tag] = summary.get(2)![0] as number
    if (!summary.has(8)) continue
    if (pluginOf(summary).name === 'hparams') read.hparams[tag] = readHParams(summary)
    else read.texts[tag] = readText(summary)
  }
  return read
}

/** A tensor of one string, that the plugin "text" shows. */
function readText(summary: Map<number, unknown[]>): string {
  const tensor = inner(summary.get(8)![0])
  const size = inner(inner(tensor.get(2)![0]).get(2)![0]).get(1)![0]
  if (pluginOf(summary).name !== 'text' || tensor.get(1)![0] !== 7 || size !== 1) throw new Error('no text')
  return text(tensor.get(8)![0])
}

function pluginOf(summary: Map<number, unknown[]>): { name: string; content: Uint8Array } {
  const plugin = inner(inner(summary.get(9)![0]).get(1)![0])
  return { name: text(plugin.get(1)![0]), content: (plugin.get(2)?.[0] as Uint8Array) ?? new Uint8Array() }
}

/** The message in the metadata; the tensor itself is an empty list of floats. */
function readHParams(summary: Map<number, unknown[]>): ReadHParams {
  const tensor = inner(summary.get(8)![0])
  const size = inner(inner(tensor.get(2)![0]).get(2)![0]).get(1)?.[0] ?? 0
  const data = fields(pluginOf(summary).content)
  if (tensor.get(1)![0] !== 1 || size !== 0 || data.has(1)) throw new Error('no empty tensor, or not of version 0')
  const read: ReadHParams = {}
  if (data.has(2)) {
    const experiment = inner(data.get(2)![0])
    const types = experiment.get(4)!.map((info) => [text(inner(info).get(1)![0]), inner(info).get(4)![0]])
    read.types = Object.fromEntries(types)
    read.metrics = experiment.get(5)!.map((info) => text(inner(inner(info).get(1)![0]).get(2)![0]))
  }
  if (data.has(3)) {
    const start = inner(data.get(3)![0])
    read.values = Object.fromEntries(
      start.get(1)!.map((entry) => [text(inner(entry).get(1)![0]), anyOf(inner(inner(entry).get(2)![0]))]),
    )
    read.seconds = start.get(5)![0] as number
  }
  if (data.has(4)) {
    const end = inner(data.get(4)![0])
    read.status = (end.get(1)?.[0] as number) ?? 0
    read.seconds = end.get(2)![0] as number
  }
  return read
}

/** A google.protobuf.Value. */
function anyOf(value: Map<number, unknown[]>): unknown {
  if (value.has(2)) return value.get(2)![0]
  if (value.has(3)) return text(value.get(3)![0])
  return value.get(4)![0] === 1
}
