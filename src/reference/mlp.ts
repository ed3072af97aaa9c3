/** A network, layer by layer: a list of layers of any kinds, computed by the twins of their kinds. */
import type { Floats } from '../model/floats'
import { outputCopies } from '../model/layer'
import type { Layer } from '../model/layers'
import type { NetworkLayout } from '../model/network'
import { type LayerTwins, TWINS, twinOf } from '../model/twins'

/** Per layer one array [copies][rows][outStride]: outputs (see `outputCopies`), or their gradients, in one copy. */
export type LayerBuffers = Float64Array[]

export const makeLayerBuffers = (layers: Layer[], rows: number): LayerBuffers =>
  layers.map((layer) => new Float64Array(rows * layer.outStride * outputCopies(layer)))

/**
 * What the actor sees of `rows` observations `obs`, [rows][inStride of the critic]: the same, or without their privileged
 * entries, [rows][inStride of the actor].
 */
export function actorRows({ actor, critic, shape }: NetworkLayout, obs: Float64Array, rows: number): Float64Array {
  if (!shape.privileged) return obs
  const own = new Float64Array(rows * actor[0].inStride)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < shape.obsDim; k++) own[row * actor[0].inStride + k] = obs[row * critic[0].inStride + k]
  }
  return own
}

/** Fills `outputs` from `x` [rows][inStride of the first layer]. Returns the head's, [rows][outStride]. */
export function mlpForward(
  layers: Layer[],
  params: Floats,
  x: Floats,
  rows: number,
  outputs: LayerBuffers,
  twins: LayerTwins = TWINS,
): Float64Array {
  layers.forEach((layer, l) => {
    twinOf(twins, layer).forward(layer, params, l === 0 ? x : outputs[l - 1], rows, outputs[l])
  })
  return outputs[layers.length - 1]
}

/**
 * Adds the gradient of every parameter to `gradient` [paramStride]. The head's entry of `dLossDOutputs` is given; the
 * others are computed, back to the first layer.
 */
export function mlpBackward(
  layers: Layer[],
  params: Floats,
  x: Floats,
  rows: number,
  outputs: LayerBuffers,
  dLossDOutputs: LayerBuffers,
  gradient: Floats,
  twins: LayerTwins = TWINS,
): void {
  for (let l = layers.length - 1; l >= 0; l--) {
    const layer = layers[l]
    const twin = twinOf(twins, layer)
    const input = l === 0 ? x : outputs[l - 1]
    twin.backwardParams(layer, params, dLossDOutputs[l], input, rows, gradient)
    if (l === 0) return
    twin.backwardInput(layer, params, dLossDOutputs[l], input, rows, layers[l - 1].activation, dLossDOutputs[l - 1])
  }
}
