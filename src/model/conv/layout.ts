/**
 * A convolution: `y = activation(x * W + b)`, PyTorch's Conv2d. The weight has PyTorch's shape [out][in][ky][kx]; in the
 * buffer it is [out][ky][kx][in] with `in` and `out` padded with zeros to multiples of 4, so that kernels read whole vec4s
 * of input channels. Padding has zero gradient and stays zero.
 */
import { sizeBehind } from '../../options/layershapes'
import {
  type Epilogue,
  hiddenMap,
  type LayerBase,
  type MapShape,
  mapStride,
  type PlacedMap,
  round4,
  sizeOfMap,
} from '../layer'

export interface ConvLayer extends LayerBase {
  kind: 'conv'
  inShape: MapShape
  outShape: MapShape
  /** Floats from one pixel of the input to the next; of the output it is the channels rounded up to 4. */
  inPixelStride: number
  /** Height and width of the kernel. */
  kernel: number
  stride: number
  /** Rows and columns of zeros on each side of the input. */
  padding: number
  /** Offset of the weight, [round4(out)][ky][kx][round4(in)], inside one agent's parameters. */
  weight: number
  /** Offset of the bias, [round4(out)]. */
  bias: number
}

/** A layer without its offsets. The kernel must fit into the padded map. */
export function convSizes(
  name: string,
  { shape, pixelStride }: PlacedMap,
  { channels, kernel, stride, padding }: { channels: number; kernel: number; stride: number; padding: number },
  activation: Epilogue,
): Omit<ConvLayer, 'weight' | 'bias'> {
  const [height, width] = shape.slice(0, 2).map((size) => sizeBehind(size, kernel, stride, padding))
  const outShape: MapShape = [height, width, channels]
  return {
    ...{
      kind: 'conv',
      name,
      activation,
      inShape: shape,
      outShape,
      inPixelStride: pixelStride,
      kernel,
      stride,
      padding,
    },
    ...{ inDim: sizeOfMap(shape), inStride: mapStride({ shape, pixelStride }) },
    ...{ outDim: sizeOfMap(outShape), outStride: mapStride(hiddenMap(outShape)) },
  }
}

/** Floats of the weight and of the bias, padding included. */
export const convFloats = ({
  inShape,
  outShape,
  kernel,
}: Pick<ConvLayer, 'inShape' | 'outShape' | 'kernel'>): { weight: number; bias: number } => ({
  weight: round4(outShape[2]) * kernel * kernel * round4(inShape[2]),
  bias: round4(outShape[2]),
})
