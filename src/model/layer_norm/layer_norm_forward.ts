import { activate } from '../activate'
import type { Floats } from '../floats'
import { round4 } from '../layer'
import { LAYER_NORM_EPS, type LayerNormLayer } from './layout'

/** Visits every pixel of `rows` rows: the places of its input and its output, their mean and 1 / sqrt(variance + eps). */
export function forEachPixel(
  { pixels, width, inPixelStride, inStride, outStride }: LayerNormLayer,
  x: Floats,
  rows: number,
  visit: (input: number, output: number, mean: number, scale: number) => void,
): void {
  for (let r = 0; r < rows; r++) {
    for (let p = 0; p < pixels; p++) {
      const at = r * inStride + p * inPixelStride
      let sum = 0
      for (let c = 0; c < width; c++) sum += x[at + c]
      const mean = sum / width
      let squares = 0
      for (let c = 0; c < width; c++) squares += (x[at + c] - mean) ** 2
      const scale = 1 / Math.sqrt(squares / width + LAYER_NORM_EPS)
      visit(at, r * outStride + p * round4(width), mean, scale)
    }
  }
}

/** y = act((x - mean) scale weight + bias). `x` [rows][inStride], `y` [rows][outStride], with silu twice. */
export function layerNormForward(layer: LayerNormLayer, params: Floats, x: Floats, rows: number, y: Floats): void {
  const { width, weight, bias, activation, outStride } = layer
  y.fill(0, 0, rows * outStride)
  forEachPixel(layer, x, rows, (input, output, mean, scale) => {
    for (let c = 0; c < width; c++) {
      y[output + c] = (x[input + c] - mean) * scale * params[weight + c] + params[bias + c]
    }
  })
  activate(activation, y, rows * outStride)
}
