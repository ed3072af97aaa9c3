/** The layers on the CPU, by kind: plain loops that define what the kernels compute. */
import { convTwin } from './conv/twin'
import { denseTwin } from './dense/twin'
import type { LayerTwin } from './layer'
import { layerNormTwin } from './layer_norm/twin'
import type { Layer } from './layers'
import { poolTwin } from './pool/twin'

export type LayerTwins = { [K in Layer['kind']]: LayerTwin<Extract<Layer, { kind: K }>> }

/** Of the twins, that of a layer's kind. */
export const twinOf = (twins: LayerTwins, layer: Layer): LayerTwin<Layer> => twins[layer.kind] as LayerTwin<Layer>

export const TWINS: LayerTwins = { dense: denseTwin, conv: convTwin, pool: poolTwin, layer_norm: layerNormTwin }
