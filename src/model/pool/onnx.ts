/** Pooling in an exported model. */
import type { LayerOnnx } from '../layer'
import type { PoolLayer } from './layout'

export const poolOnnx: LayerOnnx<PoolLayer> = (graph, { name, op, inShape, kernel, stride, activation }, x, output) => {
  const image = graph.image(x, inShape, name)
  const node = op === 'max' ? 'MaxPool' : 'AveragePool'
  const pooled = graph.add(node, [image], `${name}.pooled`, {
    ...{ kernel_shape: [kernel, kernel], strides: [stride, stride] },
  })
  return graph.activate(activation, graph.rows(pooled, activation === 'identity' ? output : `${name}.linear`), output)
}
