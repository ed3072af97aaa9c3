import type { Layer } from '../model/network'
import type { Activation } from '../options/options'
import type { Floats } from './floats'

/** What follows `x W^T + b`. */
export type Epilogue = Activation | 'identity'

/** The part of a layer that the three linear kernels need: padded sizes, and offsets into the parameters. */
export type LinearShape = Pick<Layer, 'inStride' | 'outStride' | 'weight' | 'bias'>

/**
 * y = act(x W^T + b). `x` [rows][inStride], `params` holds W [outStride][inStride] and b [outStride], `y` [rows][outStride].
 * Padding is zero and stays zero: act(0) = 0. For silu (Elfwing et al. 2018), whose derivative does not follow from y,
 * `y` is [2][rows][outStride], and x W^T + b goes to its second half.
 *
 * Blocks of 4 outputs x 2 rows, so that each loaded number is used more than once. The second row of the last block is
 * the first again when `rows` is odd.
 */
export function linearForward(
  layer: LinearShape,
  params: Floats,
  x: Floats,
  rows: number,
  act: Epilogue,
  y: Floats,
): void {
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
  if (act === 'silu') for (let k = 0; k < rows * outStride; k++) y[rows * outStride + k] = y[k]
  applyEpilogue(act, y, rows * outStride)
}

/** 1 / (1 + e^-x), 0 where e^-x is infinite. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** act(y) in place, over `size` numbers. */
function applyEpilogue(act: Epilogue, y: Floats, size: number): void {
  if (act === 'tanh') for (let k = 0; k < size; k++) y[k] = Math.tanh(y[k])
  if (act === 'relu') for (let k = 0; k < size; k++) y[k] = Math.max(y[k], 0)
  if (act === 'silu') for (let k = 0; k < size; k++) y[k] *= sigmoid(y[k])
}
