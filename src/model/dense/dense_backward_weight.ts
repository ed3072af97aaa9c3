import type { Floats } from '../floats'
import type { DenseShape } from './dense_forward'

/**
 * dLossDW += dLossDY^T X and dLossDB += column sums of dLossDY, added into `gradient` [paramStride] at the layer's weight
 * and bias. `dLossDY` [rows][outStride] (before the layer's activation), `x` [rows][inStride].
 */
export function denseBackwardWeight(
  { inStride, outStride, weight, bias }: DenseShape,
  dLossDY: Floats,
  x: Floats,
  rows: number,
  gradient: Floats,
): void {
  for (let o = 0; o < outStride; o++) {
    for (let i = 0; i < inStride; i++) {
      let sum = 0
      for (let r = 0; r < rows; r++) sum += dLossDY[r * outStride + o] * x[r * inStride + i]
      gradient[weight + o * inStride + i] += sum
    }
  }
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outStride; o++) gradient[bias + o] += dLossDY[r * outStride + o]
  }
}
