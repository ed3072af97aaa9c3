/**
 * Dense layers on the CPU as fast as plain JavaScript can compute them: the baseline of the benchmark and of `train
 * --reference`. It computes what src/model/dense/*.ts define, in blocks that use each loaded number more than once, and
 * adds in the same order: test/reference/dense.test.ts checks that the results are bit-identical.
 */

import { activate, timesDerivative } from '../../model/activate'
import type { DenseShape } from '../../model/dense/dense_forward'
import type { DenseLayer } from '../../model/dense/layout'
import type { Floats } from '../../model/floats'
import type { Epilogue, LayerTwin } from '../../model/layer'

export const fastDense: LayerTwin<DenseLayer> = {
  forward: (layer, params, x, rows, y) => forward(layer, params, x, rows, layer.activation, y),
  backwardParams: (layer, _, dLossDY, x, rows, gradient) => backwardWeight(layer, dLossDY, x, rows, gradient),
  backwardInput,
}

/** Blocks of 4 outputs x 2 rows. The second row of the last block is the first again when `rows` is odd. */
export function forward(layer: DenseShape, params: Floats, x: Floats, rows: number, act: Epilogue, y: Floats): void {
  const { inStride, outStride, weight, bias } = layer
  for (let o = 0; o < outStride; o += 4) {
    const w0 = weight + o * inStride
    const w1 = w0 + inStride
    const w2 = w1 + inStride
    const w3 = w2 + inStride
    for (let r = 0; r < rows; r += 2) {
      const s = r + 1 < rows ? r + 1 : r
      const xr = r * inStride
      const xs = s * inStride
      let r0 = params[bias + o]
      let r1 = params[bias + o + 1]
      let r2 = params[bias + o + 2]
      let r3 = params[bias + o + 3]
      let s0 = r0
      let s1 = r1
      let s2 = r2
      let s3 = r3
      for (let i = 0; i < inStride; i++) {
        const a = x[xr + i]
        const b = x[xs + i]
        const p0 = params[w0 + i]
        const p1 = params[w1 + i]
        const p2 = params[w2 + i]
        const p3 = params[w3 + i]
        r0 += a * p0
        r1 += a * p1
        r2 += a * p2
        r3 += a * p3
        s0 += b * p0
        s1 += b * p1
        s2 += b * p2
        s3 += b * p3
      }
      const yr = r * outStride + o
      const ys = s * outStride + o
      y[yr] = r0
      y[yr + 1] = r1
      y[yr + 2] = r2
      y[yr + 3] = r3
      y[ys] = s0
      y[ys + 1] = s1
      y[ys + 2] = s2
      y[ys + 3] = s3
    }
  }
  activate(act, y, rows * outStride)
}

/** Blocks of 4 inputs x 2 rows, as above. */
export function backwardInput(
  layer: DenseShape,
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
  timesDerivative(act, dLossDX, x, rows * inStride)
}

/** Blocks of 2 outputs x 4 inputs, summed over the rows. */
export function backwardWeight(layer: DenseShape, dLossDY: Floats, x: Floats, rows: number, gradient: Floats): void {
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
