/** First weights of the layers, by kind. */
import { convInit } from './conv/init'
import { denseInit } from './dense/init'
import type { LayerInit } from './layer'
import { layerNormInit } from './layer_norm/init'
import type { Layer } from './layers'
import { poolInit } from './pool/init'

const KINDS: { [K in Layer['kind']]: LayerInit<Extract<Layer, { kind: K }>> } = {
  ...{ dense: denseInit, conv: convInit, pool: poolInit, layer_norm: layerNormInit },
}

export const initOf = (layer: Layer): LayerInit<Layer> => KINDS[layer.kind] as LayerInit<Layer>
