/**
 * Convolutions on the CPU as matrix products: the patches of a row of inputs are copied into a matrix [position][ky][kx][in],
 * and the weight, [out][ky][kx][in], is that of a dense layer. It adds in the order of src/model/conv/*.ts:
 * test/reference/layers.test.ts checks that the results are bit-identical.
 */
import { activate, timesDerivative } from '../../model/activate'
import type { ConvLayer } from '../../model/conv/layout'
import type { DenseShape } from '../../model/dense/dense_forward'
import { type LayerTwin, round4 } from '../../model/layer'
import { backwardInput, backwardWeight, forward } from './dense'

export const fastConv: LayerTwin<ConvLayer> = {
  forward(layer, params, x, rows, y) {
    const { shape, positions, patches } = matmulOf(layer)
    const { inStride, outStride, activation } = layer
    const size = positions * shape.outStride
    y.fill(0, 0, rows * outStride)
    for (let r = 0; r < rows; r++) {
      copyPatches(layer, (at, patch) => (patches[patch] = x[r * inStride + at]))
      forward(shape, params, patches, positions, 'identity', y.subarray(r * outStride, r * outStride + size))
    }
    activate(activation, y, rows * outStride)
  },

  backwardParams(layer, _, dLossDY, x, rows, gradient) {
    const { shape, positions, patches } = matmulOf(layer)
    const { inStride, outStride } = layer
    for (let r = 0; r < rows; r++) {
      copyPatches(layer, (at, patch) => (patches[patch] = x[r * inStride + at]))
      backwardWeight(shape, dLossDY.subarray(r * outStride, (r + 1) * outStride), patches, positions, gradient)
    }
  },

  backwardInput(layer, params, dLossDY, x, rows, act, dLossDX) {
    const { shape, positions, patches } = matmulOf(layer)
    const { inStride, outStride } = layer
    dLossDX.fill(0, 0, rows * inStride)
    for (let r = 0; r < rows; r++) {
      const dY = dLossDY.subarray(r * outStride, (r + 1) * outStride)
      backwardInput(shape, params, dY, patches, positions, 'identity', patches)
      copyPatches(layer, (at, patch) => (dLossDX[r * inStride + at] += patches[patch]))
    }
    timesDerivative(act, dLossDX, x, rows * inStride)
  },
}

/** The layer as a dense one of positions, and room for the patches of a row; what is not copied there stays 0. */
function matmulOf({ inShape, outShape, kernel, weight, bias }: ConvLayer) {
  const shape: DenseShape = {
    ...{ inStride: kernel * kernel * round4(inShape[2]), outStride: round4(outShape[2]), weight, bias },
  }
  const positions = outShape[0] * outShape[1]
  return { shape, positions, patches: new Float64Array(positions * shape.inStride) }
}

/** Visits every input that a patch has: its place in a row, and in the patches of the row. */
function copyPatches(layer: ConvLayer, copy: (at: number, patch: number) => void): void {
  const { inShape, outShape, kernel, stride, padding, inPixelStride } = layer
  const [height, width, inputs] = inShape
  const pixel = round4(inputs)
  for (let oy = 0; oy < outShape[0]; oy++) {
    for (let ox = 0; ox < outShape[1]; ox++) {
      const patch = (oy * outShape[1] + ox) * kernel * kernel * pixel
      for (let ky = 0; ky < kernel; ky++) {
        const iy = oy * stride + ky - padding
        if (iy < 0 || iy >= height) continue
        for (let kx = 0; kx < kernel; kx++) {
          const ix = ox * stride + kx - padding
          if (ix < 0 || ix >= width) continue
          const at = (iy * width + ix) * inPixelStride
          for (let i = 0; i < inputs; i++) copy(at + i, patch + (ky * kernel + kx) * pixel + i)
        }
      }
    }
  }
}
