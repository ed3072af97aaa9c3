import { timesDerivative } from '../activate'
import type { Floats } from '../floats'
import { type Epilogue, round4 } from '../layer'
import type { ConvLayer } from './layout'

/**
 * dLossDX[iy][ix][i] = act'(.) times the sum of dLossDY[oy][ox][o] W[o][ky][kx][i] over all outputs that read the input:
 * iy = oy stride + ky - padding, ix likewise. `act` is the activation that produced `x` [copies][rows][inStride];
 * `dLossDY` [rows][outStride] is that before the layer's own activation.
 */
export function convBackwardInput(
  layer: ConvLayer,
  params: Floats,
  dLossDY: Floats,
  x: Floats,
  rows: number,
  act: Epilogue,
  dLossDX: Floats,
): void {
  const { inShape, outShape, kernel, stride, padding, inPixelStride, inStride, outStride, weight } = layer
  const [height, width, inputs] = inShape
  const [outHeight, outWidth, outputs] = outShape
  const row = kernel * kernel * round4(inputs) // of the weight
  dLossDX.fill(0, 0, rows * inStride)
  for (let r = 0; r < rows; r++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const y = r * outStride + (oy * outWidth + ox) * round4(outputs)
        for (let ky = 0; ky < kernel; ky++) {
          for (let kx = 0; kx < kernel; kx++) {
            const iy = oy * stride + ky - padding
            const ix = ox * stride + kx - padding
            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue
            for (let i = 0; i < inputs; i++) {
              const w = weight + (ky * kernel + kx) * round4(inputs) + i
              let sum = 0
              for (let o = 0; o < outputs; o++) sum += dLossDY[y + o] * params[w + o * row]
              dLossDX[r * inStride + (iy * width + ix) * inPixelStride + i] += sum
            }
          }
        }
      }
    }
  }
  timesDerivative(act, dLossDX, x, rows * inStride)
}
