/**
 * Layer normalisation (Ba et al. 2016): `y = activation((x - mean) / sqrt(variance + 1e-5) * weight + bias)` over the last
 * axis, PyTorch's LayerNorm: over the channels of each pixel of a map, over the whole row of a vector.
 */
import { type Epilogue, type LayerBase, type PlacedMap, round4 } from '../layer'

export interface LayerNormLayer extends LayerBase {
  kind: 'layer_norm'
  /** Pixels of a map; 1 for a vector. Each has `width` numbers. */
  pixels: number
  width: number
  /** Floats from one pixel of the input to the next; of the output it is `width` rounded up to 4. */
  inPixelStride: number
  /** Offsets, [round4(width)] each, inside one agent's parameters. */
  weight: number
  bias: number
}

/** Added to the variance; PyTorch's default. */
export const LAYER_NORM_EPS = 1e-5

/** A layer without its offsets, behind a map; a vector is a map of one pixel (`hiddenMap([1, 1, width])`). */
export function layerNormSizes(
  name: string,
  { shape: [height, mapWidth, width], pixelStride }: PlacedMap,
  activation: Epilogue,
): Omit<LayerNormLayer, 'weight' | 'bias'> {
  const pixels = height * mapWidth
  return {
    ...{ kind: 'layer_norm', name, activation, pixels, width, inPixelStride: pixelStride },
    ...{ inDim: pixels * width, inStride: round4(pixels * pixelStride) },
    ...{ outDim: pixels * width, outStride: pixels * round4(width) },
  }
}

/** Floats of the weight, and of the bias, padding included. */
export const layerNormFloats = ({ width }: Pick<LayerNormLayer, 'width'>): number => round4(width)
