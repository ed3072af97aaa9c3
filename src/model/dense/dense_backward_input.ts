import type { Floats } from '../floats'
import type { Epilogue } from '../layer'
import { type DenseShape, sigmoid } from './dense_forward'

/**
 * dLossDX = (dLossDY W) * act'(.), the gradient before the activation that produced the layer's input `x`. `dLossDY`
 * [rows][outStride] (before this layer's own activation), `x` and `dLossDX` [rows][inStride].
 *
 * act' is expressed by the activation's own output: tanh' = 1 - x^2, relu' = [x > 0], so relu'(0) = 0 as in torch, elu' = 1
 * for x > 0 and x + 1 else. For silu `x` is [2][rows][inStride]; its second half are the activation's inputs z: silu'(z) = s + z s (1 - s) with s =
 * sigmoid(z).
 */
export function denseBackwardInput(
  { inStride, outStride, weight }: DenseShape,
  params: Floats,
  dLossDY: Floats,
  x: Floats,
  rows: number,
  act: Epilogue,
  dLossDX: Floats,
): void {
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < inStride; i++) {
      let sum = 0
      for (let o = 0; o < outStride; o++) sum += dLossDY[r * outStride + o] * params[weight + o * inStride + i]
      dLossDX[r * inStride + i] = sum
    }
  }
  timesDerivative(act, dLossDX, x, rows * inStride)
}

/** Multiplies `size` gradients by act'(.); `x` are the outputs of the activation, for silu followed by its inputs. */
export function timesDerivative(act: Epilogue, gradient: Floats, x: Floats, size: number): void {
  if (act === 'tanh') for (let k = 0; k < size; k++) gradient[k] *= 1 - x[k] * x[k]
  if (act === 'relu') for (let k = 0; k < size; k++) if (x[k] <= 0) gradient[k] = 0
  if (act === 'elu') for (let k = 0; k < size; k++) if (x[k] <= 0) gradient[k] *= x[k] + 1
  if (act !== 'silu') return
  for (let k = 0; k < size; k++) {
    const z = x[size + k]
    const s = sigmoid(z)
    gradient[k] *= s + z * s * (1 - s)
  }
}
