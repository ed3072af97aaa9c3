/** The layers on the CPU, by kind: plain loops that define what the kernels compute. */
import { denseTwin } from './dense/twin'
import type { LayerTwin } from './layer'
import type { Layer } from './layers'

export type LayerTwins = { [K in Layer['kind']]: LayerTwin<Extract<Layer, { kind: K }>> }

export const TWINS: LayerTwins = { dense: denseTwin }
