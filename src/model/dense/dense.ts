/** A dense layer's tensors, and whether the fused plan supports it. */
import { type LayerKind, round4 } from '../layer'
import type { DenseLayer } from './layout'

/** The most units of a hidden layer in the fused plan. */
const MOST_UNITS = 128

export const dense: LayerKind<DenseLayer> = {
  tensors: ({ name, inDim, outDim, inGroup, inStride, weight, bias }) => [
    {
      ...{ name: `${name}.weight`, shape: [outDim, inDim], offset: weight },
      ...{ view: [outDim, inDim / inGroup, inGroup], strides: [inStride, round4(inGroup), 1] },
    },
    { name: `${name}.bias`, shape: [outDim], offset: bias, strides: [1] },
  ],
  multiplications: ({ inDim, outDim }) => inDim * outDim,
  whyNotFused: ({ outDim }, isHead) =>
    !isHead && outDim > MOST_UNITS ? `a layer of ${outDim} units is wider than ${MOST_UNITS}` : null,
}
