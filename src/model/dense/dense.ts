/** A dense layer without its kernels and their twins: tensors, initial weights, export. */
import type { LayerKind } from '../layer'
import { denseInit, denseInitCost } from './init'
import type { DenseLayer } from './layout'

/** The most units of a hidden layer in the fused plan. */
const MOST_UNITS = 128

export const dense: LayerKind<DenseLayer> = {
  tensors: ({ name, inDim, outDim, inStride, weight, bias }) => [
    { name: `${name}.weight`, shape: [outDim, inDim], offset: weight, strides: [inStride, 1] },
    { name: `${name}.bias`, shape: [outDim], offset: bias, strides: [1] },
  ],
  init: denseInit,
  initCost: denseInitCost,
  onnx(graph, { name, inDim, outDim, activation }, x, output, data) {
    const weight = graph.constant(`${name}.weight`, data(`${name}.weight`), [outDim, inDim])
    const bias = graph.constant(`${name}.bias`, data(`${name}.bias`))
    const sums = activation === 'identity' ? output : `${name}.linear`
    graph.add('Gemm', [x, weight, bias], sums, { transB: 1 })
    return activation === 'identity' ? output : graph.activate(activation, sums, output)
  },
  whyNotFused: ({ outDim }, isHead) =>
    !isHead && outDim > MOST_UNITS ? `a layer of ${outDim} units is wider than ${MOST_UNITS}` : null,
}
