/** Dense layers among named tensors. */
import type { Tensor } from '../../src/files/safetensors'
import { refuse } from './refuse'

/** What is read is removed from it. */
export type Tensors = Map<string, Tensor>

export interface Linear {
  /** Its name without `.weight`. */
  key: string
  inDim: number
  outDim: number
  /** [outDim][inDim] */
  weight: Float32Array
  bias: Float32Array
}

const MLP = 'Only dense layers with their biases are imported'

/**
 * The layers of `torch.nn.Sequential` with the name `list`, in order; numbers between are of activations. With `single`
 * given as '' it is one layer, `list.weight`.
 * @throws UsageError
 */
export function layersIn(tensors: Tensors, list: string, where: string, single?: ''): Linear[] {
  if (single === '') return tensors.has(`${list}.weight`) ? [takeLayer(tensors, list, where)] : []
  const numbers = [...tensors.keys()].flatMap((key) => {
    const [, prefix, number] = /^(.*)\.(\d{1,4})\.weight$/.exec(key) ?? []
    return prefix === list ? [Number(number)] : []
  })
  numbers.sort((a, b) => a - b)
  if (numbers.length > 17)
    refuse(`${where}: ${list}`, `${numbers.length} layers`, 'At most 16 hidden layers are imported')
  const step = numbers.length > 1 ? numbers[1] - numbers[0] : 1
  const isEven = numbers.every((number, i) => number === i * step) && step <= 2
  if (!isEven) {
    const others = 'An activation after each layer, or none between them, is what can be read'
    refuse(`${where}: ${list}`, `has weights at ${numbers.join(', ')}`, others)
  }
  return numbers.map((number) => takeLayer(tensors, `${list}.${number}`, where))
}

function takeLayer(tensors: Tensors, key: string, where: string): Linear {
  const [weight, bias] = ['weight', 'bias'].map((part) => {
    const name = `${key}.${part}`
    const found = tensors.get(name)
    if (!found) return refuse(`${where}: ${name}`, 'is missing', MLP)
    tensors.delete(name)
    return { name, shape: found.shape, data: floatsOf(found, `${where}: ${name}`) }
  })
  if (weight.shape.length !== 2 || weight.data.length === 0) {
    refuse(`${where}: ${weight.name}`, `[${weight.shape}] is not the matrix of a dense layer`, MLP)
  }
  const [outDim, inDim] = weight.shape
  if (String(bias.shape) !== String([outDim])) {
    refuse(`${where}: ${bias.name}`, `[${bias.shape}], but ${weight.name} is [${weight.shape}]`, MLP)
  }
  return { key, inDim, outDim, weight: weight.data, bias: bias.data }
}

/** As F32, which the network here has. @throws UsageError for whole numbers, and numbers that F32 cannot hold. */
export function floatsOf({ dtype, shape, data }: Tensor, where: string): Float32Array {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    return refuse(where, `${dtype} [${shape}] holds whole numbers`, 'Weights are floats; save them as F32')
  }
  const floats = Float32Array.from(data)
  const bad = floats.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0) refuse(where, `number ${bad} is ${data[bad]}`, 'Save a network whose numbers are finite in F32')
  return floats
}
