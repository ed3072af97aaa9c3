import type { Floats } from './floats'
import type { LinearShape } from './linear_forward'

/**
 * dLossDW += dLossDY^T X and dLossDB += column sums of dLossDY, added into `gradient` [paramStride] at the layer's weight
 * and bias. `dLossDY` [rows][outStride] (before the layer's activation), `x` [rows][inStride].
 *
 * Blocks of 2 outputs x 4 inputs, summed over the rows.
 */
export function linearBackwardWeight(
  layer: LinearShape,
  dLossDY: Floats,
  x: Floats,
  rows: number,
  gradient: Floats,
): void {
  const { inStride, outStride, weight, bias } = layer
  for (let o = 0; o < outStride; o += 2) {
    for (let i = 0; i < inStride; i += 4) {
      let a0 = 0
      let a1 = 0
      let a2 = 0
      let a3 = 0
      let b0 = 0
      let b1 = 0
      let b2 = 0
      let b3 = 0
      for (let r = 0, y = o, k = i; r < rows; r++, y += outStride, k += inStride) {
        const a = dLossDY[y]
        const b = dLossDY[y + 1]
        const x0 = x[k]
        const x1 = x[k + 1]
        const x2 = x[k + 2]
        const x3 = x[k + 3]
        a0 += a * x0
        a1 += a * x1
        a2 += a * x2
        a3 += a * x3
        b0 += b * x0
        b1 += b * x1
        b2 += b * x2
        b3 += b * x3
      }
      const wa = weight + o * inStride + i
      const wb = wa + inStride
      gradient[wa] += a0
      gradient[wa + 1] += a1
      gradient[wa + 2] += a2
      gradient[wa + 3] += a3
      gradient[wb] += b0
      gradient[wb + 1] += b1
      gradient[wb + 2] += b2
      gradient[wb + 3] += b3
    }
  }
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outStride; o++) gradient[bias + o] += dLossDY[r * outStride + o]
  }
}
