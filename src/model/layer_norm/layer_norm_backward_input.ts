import { timesDerivative } from '../activate'
import type { Floats } from '../floats'
import type { Epilogue } from '../layer'
import { forEachPixel } from './layer_norm_forward'
import type { LayerNormLayer } from './layout'

/**
 * With n = (x - mean) scale and g = dLossDY weight: dLossDX = act'(.) scale (g - mean of g - n mean of g n). `act` is the
 * activation that produced `x` [copies][rows][inStride].
 */
export function layerNormBackwardInput(
  layer: LayerNormLayer,
  params: Floats,
  dLossDY: Floats,
  x: Floats,
  rows: number,
  act: Epilogue,
  dLossDX: Floats,
): void {
  const { width, weight, inStride } = layer
  dLossDX.fill(0, 0, rows * inStride)
  forEachPixel(layer, x, rows, (input, output, mean, scale, places) => {
    const normed = (c: number): number => (x[input + c] - mean) * scale
    const g = (c: number): number => dLossDY[output + c] * params[weight + c]
    let sum = 0
    let sumWith = 0
    for (const c of places) {
      sum += g(c)
      sumWith += g(c) * normed(c)
    }
    for (const c of places) {
      dLossDX[input + c] = scale * (g(c) - sum / width - (normed(c) * sumWith) / width)
    }
  })
  timesDerivative(act, dLossDX, x, rows * inStride)
}
