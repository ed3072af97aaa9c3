/** The shapes that the layers of a network have for an observation: [n] is a row, [height, width, channels] a map. */
import { ConfigError } from './errors'
import { formatLayer, type HiddenSpec, isActivation, type LayerSpec } from './layerspec'

export type Shape = readonly number[]

/** A hidden layer with the activation behind it. */
export interface ShapedLayer {
  spec: HiddenSpec
  /** Identity where the next item is not an activation. */
  activation: 'identity' | 'tanh' | 'relu' | 'silu' | 'elu'
  /** What it gets: a row if a flatten is before it. */
  input: Shape
  output: Shape
}

/** Height or width of the map behind windows of `kernel`, as in PyTorch: those that fit whole. */
export const sizeBehind = (size: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1

const isMap = (shape: Shape): boolean => shape.length === 3
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)
/** `a map of 8 x 8 x 16` or `a row of 4`. */
const shown = (shape: Shape): string => (isMap(shape) ? `a map of ${shape.join(' x ')}` : `a row of ${shape[0]}`)

/**
 * The layers of a network on observations of shape `input`, activations joined to the layer before them.
 * @throws ConfigError with the shapes that were met, and what would fit.
 */
export function shapeLayers(path: string, input: Shape, layers: readonly LayerSpec[]): ShapedLayer[] {
  const shaped: ShapedLayer[] = []
  let shape = input
  for (const [i, spec] of layers.entries()) {
    const refuse = (why: string): never => {
      throw new ConfigError(`${path}: layer ${i + 1}, ${formatLayer(spec)}: ${why}`)
    }
    if (spec.type === 'flatten') {
      if (i > 0 && layers[i - 1].type === 'flatten') refuse('there is a flatten before it already. Leave it out.')
      shape = [sizeOf(shape)]
    } else if (isActivation(spec)) {
      // A flatten between a layer and its activation changes nothing.
      const before = shaped.at(-1)
      if (!before) return refuse('has no layer before it. Begin with a layer that has weights, or a pooling.')
      if (before.activation !== 'identity') refuse(`follows ${before.activation}. Use one activation behind a layer.`)
      before.activation = spec.type
    } else {
      const output = outputOf(spec, shape, refuse)
      shaped.push({ spec, activation: 'identity', input: shape, output })
      shape = output
    }
  }
  if (isMap(shape)) {
    throw new ConfigError(`${path}: ends with ${shown(shape)}, and the outputs need a row. Add flatten at the end.`)
  }
  return shaped
}

function outputOf(spec: HiddenSpec, shape: Shape, refuse: (why: string) => never): Shape {
  if (spec.type === 'layer_norm') return shape
  if (spec.type === 'dense') {
    if (isMap(shape))
      refuse(`gets ${shown(shape)}, and takes a row. Write flatten before it: ${sizeOf(shape)} numbers.`)
    return [spec.width]
  }
  if (!isMap(shape)) refuse(`gets ${shown(shape)}, and takes a map of height x width x channels. Use dense.`)
  const [height, width, channels] = shape
  const padding = spec.type === 'conv' ? spec.padding : 0
  const largest = Math.min(height, width) + 2 * padding
  if (spec.kernel > largest) {
    const around = padding > 0 ? ` with a padding of ${padding}` : ''
    refuse(
      `its kernel of ${spec.kernel} x ${spec.kernel} is larger than ${shown(shape)}${around}. Use a kernel of at most ${largest}` +
        `${spec.type === 'conv' ? ', or more padding' : ''}.`,
    )
  }
  if (padding >= spec.kernel)
    refuse(`a padding of ${padding} is not below its kernel, ${spec.kernel}. Use at most ${spec.kernel - 1}.`)
  const along = (length: number): number => sizeBehind(length, spec.kernel, spec.stride, padding)
  return [along(height), along(width), spec.type === 'conv' ? spec.channels : channels]
}
