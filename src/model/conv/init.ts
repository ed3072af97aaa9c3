/** Initial weights of a convolution: an orthogonal matrix [out][in ky kx] times a gain; the bias is 0. */
import { type LayerInit, round4 } from '../layer'
import { orthogonal, orthogonalCost } from '../orthogonal'
import type { ConvLayer } from './layout'

export const convInit: LayerInit<ConvLayer> = {
  *init({ inShape, outShape, kernel, weight }, index, seed, gain, params) {
    const inputs = inShape[2]
    const taps = kernel * kernel
    const at = yield* orthogonal(outShape[2], inputs * taps, index, seed)
    for (let o = 0; o < outShape[2]; o++) {
      for (let i = 0; i < inputs; i++) {
        for (let tap = 0; tap < taps; tap++) {
          params[weight + (o * taps + tap) * round4(inputs) + i] = gain * at(o, i * taps + tap)
        }
      }
    }
  },
  initCost: ({ inShape, outShape, kernel }) => orthogonalCost(outShape[2], inShape[2] * kernel * kernel),
}
