/** The nodes of an ONNX graph as data; harness/onnx/model.ts writes them. */
import type { Activation } from '../options/options'

export interface OnnxConstant {
  name: string
  /** Row-major; `[]` is a scalar. */
  shape: readonly number[]
  /** Integers are written as int64. */
  data: Float32Array | BigInt64Array
}

/** An input or output of a model; a size given as text is known only when the model runs. */
export interface OnnxValue {
  name: string
  type: 'float' | 'int64'
  shape: (number | string)[]
}

/** First axis of every input and output: the number of observations. */
export const BATCH = 'batch'

export interface OnnxNode {
  op: string
  inputs: string[]
  outputs: string[]
  /** Whole numbers, or lists of them. */
  attributes?: Record<string, number | readonly number[]>
}

/** A graph under construction. Each method adds nodes and returns the name of their result. */
export class OnnxGraph {
  readonly constants: OnnxConstant[] = []
  readonly nodes: OnnxNode[] = []

  constant(name: string, values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
    this.constants.push({ name, shape, data: Float32Array.from(values) })
    return name
  }

  integers(name: string, values: readonly number[]): string {
    this.constants.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) })
    return name
  }

  add(op: string, inputs: string[], output: string, attributes?: OnnxNode['attributes']): string {
    this.nodes.push({ op, inputs, outputs: [output], attributes })
    return output
  }

  /** `x` with other axes behind the first one, that of the observations; `[-1]` makes rows of it. */
  reshape(x: string, axes: readonly number[], output: string): string {
    return this.add('Reshape', [x, this.integers(`${output}.shape`, [0, ...axes])], output)
  }

  /** Rows of a map, in the order height, width, channels, as PyTorch's images: channels, height, width. */
  image(x: string, shape: readonly number[], name: string): string {
    const map = this.reshape(x, shape, `${name}.map`)
    return this.add('Transpose', [map], `${name}.image`, { perm: [0, 3, 1, 2] })
  }

  /** The inverse of `image`. */
  rows(image: string, output: string): string {
    const map = this.add('Transpose', [image], `${output}.map`, { perm: [0, 2, 3, 1] })
    return this.reshape(map, [-1], output)
  }

  /** `output`, which is `x` itself where there is no activation. */
  activate(activation: Activation | 'identity', x: string, output: string): string {
    if (activation === 'identity') return x
    if (activation === 'tanh') return this.add('Tanh', [x], output)
    if (activation === 'relu') return this.add('Relu', [x], output)
    if (activation === 'elu') return this.add('Elu', [x], output) // alpha is 1 by default
    return this.add('Mul', [x, this.add('Sigmoid', [x], `${output}.sigmoid`)], output)
  }
}
