/** The layers in an exported model, by kind. */
import { convOnnx } from './conv/onnx'
import { denseOnnx } from './dense/onnx'
import type { LayerOnnx } from './layer'
import { layerNormOnnx } from './layer_norm/onnx'
import type { Layer } from './layers'
import { poolOnnx } from './pool/onnx'

const KINDS: { [K in Layer['kind']]: LayerOnnx<Extract<Layer, { kind: K }>> } = {
  ...{ dense: denseOnnx, conv: convOnnx, pool: poolOnnx, layer_norm: layerNormOnnx },
}

export const onnxOf = (layer: Layer): LayerOnnx<Layer> => KINDS[layer.kind] as LayerOnnx<Layer>
