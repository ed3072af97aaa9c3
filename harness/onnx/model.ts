/**
 * The part of the ONNX format (github.com/onnx/onnx, onnx/onnx.proto) that a policy needs, written as protobuf. Numbers
 * before a value are the field numbers of that file.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { OnnxConstant, OnnxNode, OnnxValue } from '../../src/model/onnx'

/** Version of the operators, and of the file format of the same release (ONNX 1.12, June 2022). */
export const OPSET = 17
export const IR_VERSION = 8

export const ELEMENT_TYPES = { float: 1, int64: 7 } as const

export interface Model {
  /** Name of the graph. */
  name: string
  description: string
  producerVersion: string
  metadata: Record<string, string>
  inputs: OnnxValue[]
  outputs: OnnxValue[]
  constants: OnnxConstant[]
  /** Each after the nodes whose outputs it uses. */
  nodes: OnnxNode[]
}

type Write = (writer: BinaryWriter) => void

const message = (writer: BinaryWriter, field: number, write: Write): void => {
  writer.tag(field, WireType.LengthDelimited).fork()
  write(writer)
  writer.join()
}
const text = (writer: BinaryWriter, field: number, value: string): void =>
  void writer.tag(field, WireType.LengthDelimited).string(value)
const integer = (writer: BinaryWriter, field: number, value: number): void =>
  void writer.tag(field, WireType.Varint).int64(value)

/** The bytes of a `ModelProto`. */
export function writeModel(model: Model): Uint8Array {
  const writer = new BinaryWriter()
  integer(writer, 1, IR_VERSION)
  text(writer, 2, 'ppo-webgpu')
  text(writer, 3, model.producerVersion)
  message(writer, 7, (w) => writeGraph(w, model))
  message(writer, 8, (w) => {
    text(w, 1, '') // the standard operators
    integer(w, 2, OPSET)
  })
  for (const [key, value] of Object.entries(model.metadata)) {
    message(writer, 14, (w) => {
      text(w, 1, key)
      text(w, 2, value)
    })
  }
  return writer.finish()
}

function writeGraph(writer: BinaryWriter, { name, description, inputs, outputs, constants, nodes }: Model): void {
  for (const node of nodes) message(writer, 1, (w) => writeNode(w, node))
  text(writer, 2, name)
  for (const constant of constants) message(writer, 5, (w) => writeConstant(w, constant))
  text(writer, 10, description)
  for (const value of inputs) message(writer, 11, (w) => writeValue(w, value))
  for (const value of outputs) message(writer, 12, (w) => writeValue(w, value))
}

function writeNode(writer: BinaryWriter, { op, inputs, outputs, attributes = {} }: OnnxNode): void {
  for (const name of inputs) text(writer, 1, name)
  for (const name of outputs) text(writer, 2, name)
  text(writer, 3, outputs[0])
  text(writer, 4, op)
  for (const [name, value] of Object.entries(attributes)) {
    message(writer, 5, (w) => {
      text(w, 1, name)
      if (typeof value === 'number') integer(w, 3, value)
      else for (const one of value) integer(w, 8, one)
      integer(w, 20, typeof value === 'number' ? 2 : 7) // its type: INT or INTS
    })
  }
}

function writeConstant(writer: BinaryWriter, { name, shape, data }: OnnxConstant): void {
  for (const size of shape) integer(writer, 1, size)
  integer(writer, 2, ELEMENT_TYPES[data instanceof BigInt64Array ? 'int64' : 'float'])
  text(writer, 8, name)
  const bytes = new DataView(new ArrayBuffer(data.byteLength))
  data.forEach((value, i) => {
    if (typeof value === 'bigint') bytes.setBigInt64(8 * i, value, true)
    else bytes.setFloat32(4 * i, value, true)
  })
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(bytes.buffer))
}

function writeValue(writer: BinaryWriter, { name, type, shape }: OnnxValue): void {
  text(writer, 1, name)
  message(writer, 2, (typeProto) => {
    message(typeProto, 1, (tensor) => {
      integer(tensor, 1, ELEMENT_TYPES[type])
      message(tensor, 2, (sizes) => {
        for (const size of shape) {
          message(sizes, 1, (w) => (typeof size === 'number' ? integer(w, 1, size) : text(w, 2, size)))
        }
      })
    })
  })
}
