/**
 * Pooling: `y = activation(largest or mean of each window of a channel)`, PyTorch's MaxPool2d and AvgPool2d without
 * padding. It has no parameters.
 */
import { sizeBehind } from '../../options/layershapes'
import { type Epilogue, hiddenMap, type LayerBase, type MapShape, mapStride, type PlacedMap, sizeOfMap } from '../layer'

export interface PoolLayer extends LayerBase {
  kind: 'pool'
  op: 'max' | 'avg'
  inShape: MapShape
  outShape: MapShape
  /** Floats from one pixel of the input to the next; of the output it is the channels rounded up to 4. */
  inPixelStride: number
  /** Height and width of a window. */
  kernel: number
  stride: number
}

/** The layer. A window must fit into the map. */
export function poolSizes(
  name: string,
  { shape, pixelStride }: PlacedMap,
  { op, kernel, stride }: Pick<PoolLayer, 'op' | 'kernel' | 'stride'>,
  activation: Epilogue,
): PoolLayer {
  const [height, width] = shape.slice(0, 2).map((size) => sizeBehind(size, kernel, stride, 0))
  const outShape: MapShape = [height, width, shape[2]]
  return {
    ...{ kind: 'pool', name, activation, op, inShape: shape, outShape, inPixelStride: pixelStride, kernel, stride },
    ...{ inDim: sizeOfMap(shape), inStride: mapStride({ shape, pixelStride }) },
    ...{ outDim: sizeOfMap(outShape), outStride: mapStride(hiddenMap(outShape)) },
  }
}
