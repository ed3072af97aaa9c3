/** A convolution's tensors. */
import { type LayerKind, round4 } from '../layer'
import type { ConvLayer } from './layout'

export const conv: LayerKind<ConvLayer> = {
  tensors({ name, inShape, outShape, kernel, weight, bias }) {
    const [inputs, outputs] = [inShape[2], outShape[2]]
    const pixel = round4(inputs)
    const strides = [kernel * kernel * pixel, 1, kernel * pixel, pixel]
    return [
      { name: `${name}.weight`, shape: [outputs, inputs, kernel, kernel], offset: weight, strides },
      { name: `${name}.bias`, shape: [outputs], offset: bias, strides: [1] },
    ]
  },
  multiplications: ({ inShape, outDim, kernel }) => outDim * inShape[2] * kernel * kernel,
  whyNotFused: () => 'convolutions',
}
