import { timesDerivative } from '../activate'
import type { Floats } from '../floats'
import type { Epilogue } from '../layer'
import type { DenseShape } from './dense_forward'

/**
 * dLossDX = (dLossDY W) * act'(.), the gradient before the activation that produced the layer's input `x`. `dLossDY`
 * [rows][outStride] (before this layer's own activation), `x` and `dLossDX` [rows][inStride].
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
