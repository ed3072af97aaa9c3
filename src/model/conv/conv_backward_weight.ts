import type { Floats } from '../floats'
import { round4 } from '../layer'
import type { ConvLayer } from './layout'

/**
 * dLossDW[o][ky][kx][i] += sum over rows and positions of dLossDY[oy][ox][o] x[oy stride + ky - padding][ox stride + kx -
 * padding][i], and dLossDB[o] += sum of dLossDY[oy][ox][o], into `gradient` [paramStride] at the layer's weight and bias.
 * `dLossDY` [rows][outStride] (before the layer's activation), `x` [rows][inStride].
 */
export function convBackwardWeight(layer: ConvLayer, dLossDY: Floats, x: Floats, rows: number, gradient: Floats): void {
  const { inShape, outShape, kernel, stride, padding, inPixelStride, inStride, outStride, weight, bias } = layer
  const [height, width, inputs] = inShape
  const [outHeight, outWidth, outputs] = outShape
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outputs; o++) {
      const dY = (oy: number, ox: number): number => dLossDY[r * outStride + (oy * outWidth + ox) * round4(outputs) + o]
      for (let oy = 0; oy < outHeight; oy++) for (let ox = 0; ox < outWidth; ox++) gradient[bias + o] += dY(oy, ox)
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          for (let i = 0; i < inputs; i++) {
            let sum = 0
            for (let oy = 0; oy < outHeight; oy++) {
              for (let ox = 0; ox < outWidth; ox++) {
                const iy = oy * stride + ky - padding
                const ix = ox * stride + kx - padding
                if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue
                sum += dY(oy, ox) * x[r * inStride + (iy * width + ix) * inPixelStride + i]
              }
            }
            gradient[weight + ((o * kernel + ky) * kernel + kx) * round4(inputs) + i] += sum
          }
        }
      }
    }
  }
}
