/** Layer normalisation on the CPU, made of the twins of its kernels. */
import type { LayerTwin } from '../layer'
import { layerNormBackwardInput } from './layer_norm_backward_input'
import { layerNormBackwardWeight } from './layer_norm_backward_weight'
import { layerNormForward } from './layer_norm_forward'
import type { LayerNormLayer } from './layout'

export const layerNormTwin: LayerTwin<LayerNormLayer> = {
  forward: layerNormForward,
  backwardParams: (layer, _, dLossDY, x, rows, gradient) => layerNormBackwardWeight(layer, dLossDY, x, rows, gradient),
  backwardInput: layerNormBackwardInput,
}
