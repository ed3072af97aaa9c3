/** The kinds of layers that a network may have. */
import { dense } from './dense/dense'
import type { DenseLayer } from './dense/layout'
import type { LayerKind } from './layer'

export type Layer = DenseLayer

const KINDS: { [K in Layer['kind']]: LayerKind<Extract<Layer, { kind: K }>> } = { dense }

export const kindOf = (layer: Layer): LayerKind<Layer> => KINDS[layer.kind]

/** A dense layer as one. @throws for a layer of another kind: what asks for this can take dense layers alone. */
export function asDense(layer: Layer): DenseLayer {
  if (layer.kind === 'dense') return layer
  const { name, kind } = layer as Layer
  throw new Error(`layer ${name}: is of kind ${kind}, where only dense layers can be`)
}
