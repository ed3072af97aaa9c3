import type { Floats } from '../floats'
import type { Epilogue } from '../layer'
import type { DenseLayer } from './layout'

/** The part of a layer that its kernels need: padded sizes, and offsets into the parameters. */
export type DenseShape = Pick<DenseLayer, 'inStride' | 'outStride' | 'weight' | 'bias'>

/**
 * y = act(x W^T + b). `x` [rows][inStride], `params` holds W [outStride][inStride] and b [outStride], `y`
 * [rows][outStride]. Padding is zero and stays zero: act(0) = 0. The derivative of silu (Elfwing et al. 2018) needs its
 * input: then `y` is [2][rows][outStride], and its second half is x W^T + b.
 */
export function denseForward(
  { inStride, outStride, weight, bias }: DenseShape,
  params: Floats,
  x: Floats,
  rows: number,
  act: Epilogue,
  y: Floats,
): void {
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outStride; o++) {
      let sum = params[bias + o]
      for (let i = 0; i < inStride; i++) sum += x[r * inStride + i] * params[weight + o * inStride + i]
      y[r * outStride + o] = sum
    }
  }
  activate(act, y, rows * outStride)
}

/** 1 / (1 + e^-x), 0 where e^-x is infinite. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** act(y) in place, over `size` numbers; silu stores its inputs after them. */
export function activate(act: Epilogue, y: Floats, size: number): void {
  if (act === 'tanh') for (let k = 0; k < size; k++) y[k] = Math.tanh(y[k])
  if (act === 'relu') for (let k = 0; k < size; k++) y[k] = Math.max(y[k], 0)
  if (act === 'elu') for (let k = 0; k < size; k++) y[k] = y[k] > 0 ? y[k] : Math.expm1(y[k])
  if (act !== 'silu') return
  for (let k = 0; k < size; k++) {
    y[size + k] = y[k]
    y[k] *= sigmoid(y[k])
  }
}
