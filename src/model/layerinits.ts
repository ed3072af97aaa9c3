/** First weights of the layers, by kind. */
import { denseInit, denseInitCost } from './dense/init'
import type { LayerInit } from './layer'
import type { Layer } from './layers'

const KINDS: { [K in Layer['kind']]: LayerInit<Extract<Layer, { kind: K }>> } = {
  dense: { init: denseInit, initCost: denseInitCost },
}

export const initOf = (layer: Layer): LayerInit<Layer> => KINDS[layer.kind]
