/** Dense layers on the CPU, made of the twins of their kernels. */
import type { LayerTwin } from '../layer'
import { denseBackwardInput } from './dense_backward_input'
import { denseBackwardWeight } from './dense_backward_weight'
import { denseForward } from './dense_forward'
import type { DenseLayer } from './layout'

export const denseTwin: LayerTwin<DenseLayer> = {
  forward: (layer, params, x, rows, y) => denseForward(layer, params, x, rows, layer.activation, y),
  backwardParams: (layer, _, dLossDY, x, rows, gradient) => denseBackwardWeight(layer, dLossDY, x, rows, gradient),
  backwardInput: denseBackwardInput,
}
