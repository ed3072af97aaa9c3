import { activate } from '../activate'
import type { Floats } from '../floats'
import { round4 } from '../layer'
import type { ConvLayer } from './layout'

/**
 * y[oy][ox][o] = act(b[o] + sum of x[oy stride + ky - padding][ox stride + kx - padding][i] W[o][ky][kx][i]), outside of the
 * map x is 0. `x` [rows][inStride], `y` [rows][outStride], with silu twice. Padding of channels is zero.
 */
export function convForward(layer: ConvLayer, params: Floats, x: Floats, rows: number, y: Floats): void {
  const { inShape, outShape, kernel, stride, padding, inPixelStride, inStride, outStride, weight, bias } = layer
  const [height, width, inputs] = inShape
  const [outHeight, outWidth, outputs] = outShape
  y.fill(0, 0, rows * outStride)
  for (let r = 0; r < rows; r++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let o = 0; o < outputs; o++) {
          let sum = params[bias + o]
          for (let ky = 0; ky < kernel; ky++) {
            for (let kx = 0; kx < kernel; kx++) {
              const iy = oy * stride + ky - padding
              const ix = ox * stride + kx - padding
              if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue
              const at = r * inStride + (iy * width + ix) * inPixelStride
              const w = weight + ((o * kernel + ky) * kernel + kx) * round4(inputs)
              for (let i = 0; i < inputs; i++) sum += x[at + i] * params[w + i]
            }
          }
          y[r * outStride + (oy * outWidth + ox) * round4(outputs) + o] = sum
        }
      }
    }
  }
  activate(layer.activation, y, rows * outStride)
}
