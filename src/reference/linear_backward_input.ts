import type { Floats } from './floats'
import { type Epilogue, type LinearShape, sigmoid } from './linear_forward'

/**
 * dLossDX = (dLossDY W) * act'(.), the gradient before the activation that produced the layer's input `x`.
 * `dLossDY` [rows][outStride] (before this layer's own activation), `x` and `dLossDX` [rows][inStride].
 *
 * act' is expressed by the activation's own output: tanh' = 1 - x^2, relu' = [x > 0], so relu'(0) = 0 as in torch. For
 * silu `x` is [2][rows][inStride], its second half what the activation was taken of: silu'(z) = s + z s (1 - s) with
 * s = sigmoid(z).
 * Blocks of 4 inputs x 2 rows, as in `linearForward`.
 */
export function linearBackwardInput(
  layer: LinearShape,
  params: Floats,
  dLossDY: Floats,
  x: Floats,
  rows: number,
  act: Epilogue,
  dLossDX: Floats,
): void {
  const { inStride, outStride, weight } = layer
  for (let i = 0; i < inStride; i += 4) {
    for (let r = 0; r < rows; r += 2) {
      const s = r + 1 < rows ? r + 1 : r
      const yr = r * outStride
      const ys = s * outStride
      let r0 = 0
      let r1 = 0
      let r2 = 0
      let r3 = 0
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      for (let o = 0, w = weight + i; o < outStride; o++, w += inStride) {
        const a = dLossDY[yr + o]
        const b = dLossDY[ys + o]
        const p0 = params[w]
        const p1 = params[w + 1]
        const p2 = params[w + 2]
        const p3 = params[w + 3]
        r0 += a * p0
        r1 += a * p1
        r2 += a * p2
        r3 += a * p3
        s0 += b * p0
        s1 += b * p1
        s2 += b * p2
        s3 += b * p3
      }
      const xr = r * inStride + i
      const xs = s * inStride + i
      dLossDX[xr] = r0
      dLossDX[xr + 1] = r1
      dLossDX[xr + 2] = r2
      dLossDX[xr + 3] = r3
      dLossDX[xs] = s0
      dLossDX[xs + 1] = s1
      dLossDX[xs + 2] = s2
      dLossDX[xs + 3] = s3
    }
  }
  const size = rows * inStride
  if (act === 'tanh') for (let k = 0; k < size; k++) dLossDX[k] *= 1 - x[k] * x[k]
  if (act === 'relu') for (let k = 0; k < size; k++) if (x[k] <= 0) dLossDX[k] = 0
  if (act === 'silu') {
    for (let k = 0; k < size; k++) {
      const z = x[size + k]
      const s = sigmoid(z)
      dLossDX[k] *= s + z * s * (1 - s)
    }
  }
}
