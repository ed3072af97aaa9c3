/** Initial weights of a layer normalisation: 1, whatever the gain; the bias is 0. */
import type { LayerInit } from '../layer'
import type { LayerNormLayer } from './layout'

export const layerNormInit: LayerInit<LayerNormLayer> = {
  *init({ weight, width }, _index, _seed, _gain, params) {
    yield 0
    params.fill(1, weight, weight + width)
  },
  initCost: () => 0,
}
