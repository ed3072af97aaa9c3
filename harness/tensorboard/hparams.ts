/**
 * What TensorBoard's panel "HParams" reads: messages of tensorboard/plugins/hparams/plugin_data.proto and api.proto, as
 * protobuf. Numbers before a value are field numbers there. A message is the `content` of a summary's metadata.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

export const PLUGIN = 'hparams'
export const TAGS = {
  experiment: '_hparams_/experiment',
  start: '_hparams_/session_start_info',
  end: '_hparams_/session_end_info',
} as const

export type HParam = string | number | boolean
/** Name and value; one without a value (null) is not listed. */
export type HParams = readonly (readonly [name: string, value: HParam])[]
export const STATUS = { unknown: 0, success: 1, failure: 2, running: 3 } as const

const inside = (writer: BinaryWriter, field: number, write: (writer: BinaryWriter) => void): void => {
  writer.tag(field, WireType.LengthDelimited).fork()
  write(writer)
  writer.join()
}
const text = (writer: BinaryWriter, field: number, value: string): void =>
  void writer.tag(field, WireType.LengthDelimited).string(value)

/** An HParamsPluginData of version 0, whose number is left out. */
function pluginData(field: number, write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter()
  inside(writer, field, write)
  return writer.finish()
}

const TYPES = { string: 1, boolean: 2, number: 3 } as const

/** Which columns there are: hyperparameters with their types, and tags of scalars as metrics. */
export const experiment = (hparams: HParams, metrics: readonly string[]): Uint8Array =>
  pluginData(2, (w) => {
    for (const [name, value] of hparams) {
      inside(w, 4, (info) => {
        text(info, 1, name)
        info.tag(4, WireType.Varint).int32(TYPES[typeof value as keyof typeof TYPES])
      })
    }
    for (const tag of metrics) inside(w, 5, (info) => inside(info, 1, (name) => text(name, 2, tag)))
  })

/** The values of a run. */
export const sessionStart = (hparams: HParams, seconds: number): Uint8Array =>
  pluginData(3, (w) => {
    for (const [name, value] of hparams) {
      inside(w, 1, (entry) => {
        text(entry, 1, name)
        inside(entry, 2, (of) => writeValue(of, value))
      })
    }
    w.tag(5, WireType.Bit64).double(seconds)
  })

/** A google.protobuf.Value. */
function writeValue(writer: BinaryWriter, value: HParam): void {
  if (typeof value === 'number') writer.tag(2, WireType.Bit64).double(value)
  else if (typeof value === 'string') text(writer, 3, value)
  else writer.tag(4, WireType.Varint).bool(value)
}

export const sessionEnd = (status: number, seconds: number): Uint8Array =>
  pluginData(4, (w) => w.tag(1, WireType.Varint).int32(status).tag(2, WireType.Bit64).double(seconds))
