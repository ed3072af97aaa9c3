/** First weights of the layers, by kind. */
import { denseInit } from './dense/init'
import type { LayerInit } from './layer'
import type { Layer } from './layers'

const KINDS: { [K in Layer['kind']]: LayerInit<Extract<Layer, { kind: K }>> } = { dense: denseInit }

export const initOf = (layer: Layer): LayerInit<Layer> => KINDS[layer.kind]
