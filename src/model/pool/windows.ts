import { round4 } from '../layer'
import type { PoolLayer } from './layout'

/** Visits every window of `rows` rows: the place of its output, those of its inputs in scan order. All channels in turn. */
export function forEachWindow(layer: PoolLayer, rows: number, visit: (output: number, inputs: number[]) => void): void {
  const { inShape, outShape, kernel, stride, inPixelStride, inStride, outStride } = layer
  const [outHeight, outWidth, channels] = outShape
  const inputs = Array<number>(kernel * kernel)
  for (let r = 0; r < rows; r++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let c = 0; c < channels; c++) {
          for (let k = 0; k < kernel * kernel; k++) {
            const iy = oy * stride + Math.floor(k / kernel)
            const ix = ox * stride + (k % kernel)
            inputs[k] = r * inStride + (iy * inShape[1] + ix) * inPixelStride + c
          }
          visit(r * outStride + (oy * outWidth + ox) * round4(channels) + c, inputs)
        }
      }
    }
  }
}
