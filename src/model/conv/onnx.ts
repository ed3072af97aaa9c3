/** A convolution in an exported model. */
import type { LayerOnnx } from '../layer'
import type { ConvLayer } from './layout'

export const convOnnx: LayerOnnx<ConvLayer> = (graph, layer, x, output, data) => {
  const { name, inShape, outShape, kernel, stride, padding, activation } = layer
  const weight = graph.constant(`${name}.weight`, data(`${name}.weight`), [outShape[2], inShape[2], kernel, kernel])
  const bias = graph.constant(`${name}.bias`, data(`${name}.bias`))
  const image = graph.image(x, inShape, name)
  const sums = graph.add('Conv', [image, weight, bias], `${name}.sums`, {
    ...{ kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] },
  })
  return graph.activate(activation, graph.rows(sums, activation === 'identity' ? output : `${name}.linear`), output)
}
