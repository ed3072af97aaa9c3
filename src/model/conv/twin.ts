/** Convolutions on the CPU, made of the twins of their kernels. */
import type { LayerTwin } from '../layer'
import { convBackwardInput } from './conv_backward_input'
import { convBackwardWeight } from './conv_backward_weight'
import { convForward } from './conv_forward'
import type { ConvLayer } from './layout'

export const convTwin: LayerTwin<ConvLayer> = {
  forward: convForward,
  backwardParams: (layer, _, dLossDY, x, rows, gradient) => convBackwardWeight(layer, dLossDY, x, rows, gradient),
  backwardInput: convBackwardInput,
}
