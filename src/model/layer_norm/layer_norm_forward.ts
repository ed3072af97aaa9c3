import { activate } from '../activate'
import type { Floats } from '../floats'
import { LAYER_NORM_EPS, type LayerNormLayer, normPlace } from './layout'

/**
 * Visits every pixel of `rows` rows: the places of its input and its output, their mean and 1 / sqrt(variance + eps).
 * `places` are those of its numbers, from there on.
 */
export function forEachPixel(
  layer: LayerNormLayer,
  x: Floats,
  rows: number,
  visit: (input: number, output: number, mean: number, scale: number, places: number[]) => void,
): void {
  const { pixels, width, inPixelStride, outPixelStride, inStride, outStride } = layer
  const places = Array.from({ length: width }, (_, c) => normPlace(layer, c))
  for (let r = 0; r < rows; r++) {
    for (let p = 0; p < pixels; p++) {
      const at = r * inStride + p * inPixelStride
      let sum = 0
      for (const c of places) sum += x[at + c]
      const mean = sum / width
      let squares = 0
      for (const c of places) squares += (x[at + c] - mean) ** 2
      const scale = 1 / Math.sqrt(squares / width + LAYER_NORM_EPS)
      visit(at, r * outStride + p * outPixelStride, mean, scale, places)
    }
  }
}

/** y = act((x - mean) scale weight + bias). `x` [rows][inStride], `y` [rows][outStride], with silu twice. */
export function layerNormForward(layer: LayerNormLayer, params: Floats, x: Floats, rows: number, y: Floats): void {
  const { weight, bias, activation, outStride } = layer
  y.fill(0, 0, rows * outStride)
  forEachPixel(layer, x, rows, (input, output, mean, scale, places) => {
    for (const c of places) y[output + c] = (x[input + c] - mean) * scale * params[weight + c] + params[bias + c]
  })
  activate(activation, y, rows * outStride)
}
