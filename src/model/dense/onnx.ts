/** A dense layer in an exported model. */
import type { LayerOnnx } from '../layer'
import type { DenseLayer } from './layout'

export const denseOnnx: LayerOnnx<DenseLayer> = (graph, { name, inDim, outDim, activation }, x, output, data) => {
  const weight = graph.constant(`${name}.weight`, data(`${name}.weight`), [outDim, inDim])
  const bias = graph.constant(`${name}.bias`, data(`${name}.bias`))
  const sums = activation === 'identity' ? output : `${name}.linear`
  return graph.activate(activation, graph.add('Gemm', [x, weight, bias], sums, { transB: 1 }), output)
}
