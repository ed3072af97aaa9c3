import { activate } from '../activate'
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
