/** A multilayer perceptron made of the three linear kernels; hidden layers share one activation, the head has none. */
import { hiddenCopies, type Layer } from '../model/network'
import type { Activation } from '../options/options'
import type { Floats } from './floats'
import { linearBackwardInput } from './linear_backward_input'
import { linearBackwardWeight } from './linear_backward_weight'
import { linearForward } from './linear_forward'

/** Per layer one array [rows][outStride]: outputs, or their gradients; of silu's outputs [2][rows][outStride]. */
export type LayerBuffers = Float64Array[]

export const makeLayerBuffers = (layers: Layer[], activation: Activation, rows: number): LayerBuffers =>
  layers.map((layer, l) => {
    const copies = l === layers.length - 1 ? 1 : hiddenCopies(activation)
    return new Float64Array(rows * layer.outStride * copies)
  })

/** Fills `outputs` from `x` [rows][inStride of the first layer]. Returns the head's, [rows][outStride]. */
export function mlpForward(
  layers: Layer[],
  activation: Activation,
  params: Floats,
  x: Floats,
  rows: number,
  outputs: LayerBuffers,
): Float64Array {
  layers.forEach((layer, l) => {
    const act = l === layers.length - 1 ? 'identity' : activation
    linearForward(layer, params, l === 0 ? x : outputs[l - 1], rows, act, outputs[l])
  })
  return outputs[layers.length - 1]
}

/**
 * Adds the gradient of every weight and bias to `gradient` [paramStride]. The head's entry of `dLossDOutputs` is given;
 * the others are filled on the way, back to the first layer.
 */
export function mlpBackward(
  layers: Layer[],
  activation: Activation,
  params: Floats,
  x: Floats,
  rows: number,
  outputs: LayerBuffers,
  dLossDOutputs: LayerBuffers,
  gradient: Floats,
): void {
  for (let l = layers.length - 1; l >= 0; l--) {
    const input = l === 0 ? x : outputs[l - 1]
    linearBackwardWeight(layers[l], dLossDOutputs[l], input, rows, gradient)
    if (l > 0) linearBackwardInput(layers[l], params, dLossDOutputs[l], input, rows, activation, dLossDOutputs[l - 1])
  }
}
