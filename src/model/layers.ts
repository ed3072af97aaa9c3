/** The kinds of layers that a network may have. */
import { dense } from './dense/dense'
import type { DenseLayer } from './dense/layout'
import type { LayerKind } from './layer'

export type Layer = DenseLayer

const KINDS: { [K in Layer['kind']]: LayerKind<Extract<Layer, { kind: K }>> } = { dense }

export const kindOf = (layer: Layer): LayerKind<Layer> => KINDS[layer.kind]
