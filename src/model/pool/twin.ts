/** Pooling on the CPU, made of the twins of its kernels. */
import type { LayerTwin } from '../layer'
import type { PoolLayer } from './layout'
import { poolBackward } from './pool_backward'
import { poolForward } from './pool_forward'

export const poolTwin: LayerTwin<PoolLayer> = {
  forward: (layer, _, x, rows, y) => poolForward(layer, x, rows, y),
  backwardParams: () => undefined,
  backwardInput: (layer, _, dLossDY, x, rows, act, dLossDX) => poolBackward(layer, dLossDY, x, rows, act, dLossDX),
}
