/**
 * Layer normalisation (Ba et al. 2016): `y = activation((x - mean) / sqrt(variance + 1e-5) * weight + bias)` over the last
 * axis, PyTorch's LayerNorm: over the channels of each pixel of a map, over the whole row of a vector.
 */
import { type Epilogue, type LayerBase, type PlacedMap, round4 } from '../layer'

export interface LayerNormLayer extends LayerBase {
  kind: 'layer_norm'
  /** Pixels of a map; 1 for a row. Each has `width` numbers. */
  pixels: number
  width: number
  /** Numbers that lie side by side: each group is padded to a multiple of 4. The channels of a flattened map, or `width`. */
  group: number
  /** Floats from one pixel to the next. The input's is smaller where observations have no padding. */
  inPixelStride: number
  outPixelStride: number
  /** Offsets, [outPixelStride] each, inside one agent's parameters. */
  weight: number
  bias: number
}

/** Added to the variance; PyTorch's default. */
export const LAYER_NORM_EPS = 1e-5

type Sizes = Omit<LayerNormLayer, 'weight' | 'bias'>

/** A layer without its offsets, behind a map. */
export const layerNormSizes = (name: string, map: PlacedMap, activation: Epilogue): Sizes => {
  const [height, mapWidth, width] = map.shape
  return sizesOf(name, { pixels: height * mapWidth, width, group: width, inPixelStride: map.pixelStride }, activation)
}

/** The same over a whole row; behind a map of a hidden layer that was flattened, `group` is the number of its channels. */
export const rowNormSizes = (name: string, width: number, activation: Epilogue, group = width): Sizes =>
  sizesOf(name, { pixels: 1, width, group, inPixelStride: (width / group) * round4(group) }, activation)

function sizesOf(
  name: string,
  place: Pick<LayerNormLayer, 'pixels' | 'width' | 'group' | 'inPixelStride'>,
  activation: Epilogue,
): Sizes {
  const { pixels, width, group, inPixelStride } = place
  const outPixelStride = (width / group) * round4(group)
  const dim = pixels * width
  return {
    ...{ kind: 'layer_norm', name, activation, ...place, outPixelStride },
    ...{ inDim: dim, inStride: round4(pixels * inPixelStride), outDim: dim, outStride: pixels * outPixelStride },
  }
}

/** Floats of the weight, and of the bias, padding included. */
export const layerNormFloats = ({ outPixelStride }: Pick<LayerNormLayer, 'outPixelStride'>): number => outPixelStride

/** The place of number `c` of a pixel. */
export const normPlace = ({ group }: Pick<LayerNormLayer, 'group'>, c: number): number =>
  Math.floor(c / group) * round4(group) + (c % group)
