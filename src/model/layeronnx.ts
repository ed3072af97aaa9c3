/** The layers in an exported model, by kind. */
import { denseOnnx } from './dense/onnx'
import type { LayerOnnx } from './layer'
import type { Layer } from './layers'

const KINDS: { [K in Layer['kind']]: LayerOnnx<Extract<Layer, { kind: K }>> } = { dense: denseOnnx }

export const onnxOf = (layer: Layer): LayerOnnx<Layer> => KINDS[layer.kind]
