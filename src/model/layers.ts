/** The kinds of layers that a network may have. */
import { conv } from './conv/conv'
import type { ConvLayer } from './conv/layout'
import { dense } from './dense/dense'
import type { DenseLayer } from './dense/layout'
import type { LayerKind } from './layer'
import { layerNorm } from './layer_norm/layernorm'
import type { LayerNormLayer } from './layer_norm/layout'
import type { PoolLayer } from './pool/layout'
import { pool } from './pool/pool'

export type Layer = DenseLayer | ConvLayer | PoolLayer | LayerNormLayer

const KINDS: { [K in Layer['kind']]: LayerKind<Extract<Layer, { kind: K }>> } = {
  dense,
  conv,
  pool,
  layer_norm: layerNorm,
}

/** A kind works only with its own layers; which it is, is known only when the program runs. */
export const kindOf = (layer: Layer): LayerKind<Layer> => KINDS[layer.kind] as LayerKind<Layer>

/** A dense layer as one. @throws for a layer of another kind: what asks for this can take dense layers alone. */
export function asDense(layer: Layer): DenseLayer {
  if (layer.kind === 'dense') return layer
  throw new Error(`layer ${layer.name}: is of kind ${layer.kind}, where only dense layers can be`)
}
