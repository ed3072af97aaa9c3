/** The layers on the CPU, by kind: plain loops that define what the kernels compute. */
import { denseTwin } from './dense/twin'
import type { LayerTwin } from './layer'
import type { Layer } from './layers'

export type LayerTwins = { [K in Layer['kind']]: LayerTwin<Extract<Layer, { kind: K }>> }

/** Of the twins, that of a layer's kind. */
export const twinOf = (twins: LayerTwins, layer: Layer): LayerTwin<Layer> => twins[layer.kind]

export const TWINS: LayerTwins = { dense: denseTwin }
