/** Pooling has no weights. */
import type { LayerInit } from '../layer'
import type { PoolLayer } from './layout'

export const poolInit: LayerInit<PoolLayer> = {
  *init() {
    yield 0
  },
  initCost: () => 0,
}
