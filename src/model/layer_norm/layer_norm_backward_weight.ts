import type { Floats } from '../floats'
import { forEachPixel } from './layer_norm_forward'
import type { LayerNormLayer } from './layout'

/** dLossDWeight += sum of dLossDY (x - mean) scale, dLossDBias += sum of dLossDY, over all pixels, into `gradient`. */
export function layerNormBackwardWeight(
  layer: LayerNormLayer,
  dLossDY: Floats,
  x: Floats,
  rows: number,
  gradient: Floats,
): void {
  const { weight, bias } = layer
  forEachPixel(layer, x, rows, (input, output, mean, scale, places) => {
    for (const c of places) {
      gradient[weight + c] += dLossDY[output + c] * (x[input + c] - mean) * scale
      gradient[bias + c] += dLossDY[output + c]
    }
  })
}
