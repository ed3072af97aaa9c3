/** The hidden layers of a network, without their places in the parameters: a perceptron's, or those of a list. */
import { type Shape, type ShapedLayer, shapeLayers } from '../options/layershapes'
import { type ConvLayer, convFloats, convSizes } from './conv/layout'
import { type DenseLayer, type DenseSizes, denseSizes, weightFloats } from './dense/layout'
import { hiddenMap, type MapShape, observedMap } from './layer'
import { type LayerNormLayer, layerNormFloats, layerNormSizes, rowNormSizes } from './layer_norm/layout'
import type { NetworkShape } from './networkshape'
import { type PoolLayer, poolSizes } from './pool/layout'

type HiddenLayer = DenseLayer | ConvLayer | LayerNormLayer | PoolLayer
export type Sizes =
  | DenseSizes
  | Omit<ConvLayer, 'weight' | 'bias'>
  | Omit<LayerNormLayer, 'weight' | 'bias'>
  | PoolLayer

/** What a dense layer gets: numbers, in groups of `inGroup` that are padded to multiples of 4, the channels of a map. */
export type DenseInput = Pick<DenseLayer, 'inDim' | 'inGroup'>

export interface Hidden {
  layers: Sizes[]
  /** What the head gets. */
  output: DenseInput
}

/** What the first layer gets: [n] or [height, width, channels]. */
export const inputShape = ({ obsDim, observation }: Pick<NetworkShape, 'obsDim' | 'observation'>): Shape =>
  observation?.shape ?? [obsDim]

/** `widths` are those of a perceptron. Layers with weights are `trunk.0`, `trunk.1`, ... @throws ConfigError if they do not fit. */
export function hiddenSizes(name: string, shape: NetworkShape, widths: number[]): Hidden {
  if (!shape.layers) {
    const dims = [shape.obsDim, ...widths]
    const layers = widths.map((width, i) => denseSizes(`${name}.${i}`, dims[i], width, shape.activation))
    const inDim = dims.at(-1)!
    return { layers, output: { inDim, inGroup: inDim } }
  }
  const shaped = shapeLayers('config.network', inputShape(shape), shape.layers)
  let weighted = 0
  const nameOf = ({ spec: { type } }: ShapedLayer, i: number): string =>
    type === 'max_pool' || type === 'avg_pool' ? `${name}.pool_${i}` : `${name}.${weighted++}`
  const layers: Sizes[] = []
  for (const [i, layer] of shaped.entries()) {
    layers.push(sizesOf(nameOf(layer, i), layer, i === 0, denseInput(shape, layers.at(-1))))
  }
  return { layers, output: denseInput(shape, layers.at(-1)) }
}

/** The outputs of a layer, or the observation, as a dense layer gets them. */
function denseInput({ obsDim }: NetworkShape, before: Sizes | undefined): DenseInput {
  if (!before) return { inDim: obsDim, inGroup: obsDim }
  return { inDim: before.outDim, inGroup: outGroup(before) }
}

/** Numbers of a layer's outputs that lie side by side, before padding. */
function outGroup(layer: Sizes): number {
  if (layer.kind === 'dense') return layer.outDim
  return layer.kind === 'layer_norm' ? layer.group : layer.outShape[2]
}

function sizesOf(name: string, { spec, activation, input }: ShapedLayer, isFirst: boolean, row: DenseInput): Sizes {
  const map = (): MapShape => input as unknown as MapShape
  const placed = () => (isFirst ? observedMap : hiddenMap)(map())
  switch (spec.type) {
    case 'dense':
      return denseSizes(name, row.inDim, spec.width, activation, row.inGroup)
    case 'conv':
      return convSizes(name, placed(), spec, activation)
    case 'layer_norm':
      return input.length === 3
        ? layerNormSizes(name, placed(), activation)
        : rowNormSizes(name, row.inDim, activation, row.inGroup)
    default:
      return poolSizes(name, placed(), { ...spec, op: spec.type === 'max_pool' ? 'max' : 'avg' }, activation)
  }
}

/** The layer with its parameters at the places that `take` gives. */
export function placeLayer(sizes: Sizes, take: (floats: number) => number): HiddenLayer {
  switch (sizes.kind) {
    case 'pool':
      return sizes
    case 'dense':
      return { ...sizes, weight: take(weightFloats(sizes)), bias: take(sizes.outStride) }
    case 'conv': {
      const { weight, bias } = convFloats(sizes)
      return { ...sizes, weight: take(weight), bias: take(bias) }
    }
    default:
      return { ...sizes, weight: take(layerNormFloats(sizes)), bias: take(layerNormFloats(sizes)) }
  }
}
