/** Initial weights of a layer normalisation: 1, whatever the gain; the bias is 0. */
import type { LayerInit } from '../layer'
import { type LayerNormLayer, normPlace } from './layout'

export const layerNormInit: LayerInit<LayerNormLayer> = {
  *init(layer, _index, _seed, _gain, params) {
    yield 0
    for (let c = 0; c < layer.width; c++) params[layer.weight + normPlace(layer, c)] = 1
  },
  initCost: () => 0,
}
