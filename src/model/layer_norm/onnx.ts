/** Layer normalisation in an exported model. */
import type { LayerOnnx } from '../layer'
import type { LayerNormLayer } from './layout'

/** Over the last axis, with an epsilon of 1e-5: the operator's defaults. */
export const layerNormOnnx: LayerOnnx<LayerNormLayer> = (graph, layer, x, output, data) => {
  const { name, pixels, width, activation } = layer
  const weight = graph.constant(`${name}.weight`, data(`${name}.weight`))
  const bias = graph.constant(`${name}.bias`, data(`${name}.bias`))
  const map = graph.reshape(x, [pixels, width], `${name}.map`)
  const normed = graph.add('LayerNormalization', [map, weight, bias], `${name}.normed`)
  const rows = graph.reshape(normed, [-1], activation === 'identity' ? output : `${name}.linear`)
  return graph.activate(activation, rows, output)
}
