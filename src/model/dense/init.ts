/** Initial weights of a dense layer: an orthogonal matrix times a gain; the bias is 0. */
import type { LayerInit } from '../layer'
import { orthogonal, orthogonalCost } from '../orthogonal'
import { type DenseLayer, inputPlace } from './layout'

export const denseInit: LayerInit<DenseLayer> = {
  *init(layer, index, seed, gain, params) {
    const { outDim, inDim, inStride, weight } = layer
    const at = yield* orthogonal(outDim, inDim, index, seed)
    for (let o = 0; o < outDim; o++) {
      for (let i = 0; i < inDim; i++) params[weight + o * inStride + inputPlace(layer, i)] = gain * at(o, i)
    }
  },
  initCost: ({ outDim, inDim }) => orthogonalCost(outDim, inDim),
}
