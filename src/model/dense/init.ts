/**
 * Initial weights of a dense layer: an orthogonal matrix (Saxe et al. 2014, as torch.nn.init.orthogonal_) times a gain;
 * the bias is 0.
 */
import { DRAW_COST, normalNumbers } from '../normals'
import { orthonormalise } from '../orthonormal'
import type { Pieces } from '../pieces'
import type { DenseLayer } from './layout'

type Sizes = Pick<DenseLayer, 'inDim' | 'outDim'>

export function denseInitCost({ outDim, inDim }: Sizes): number {
  const [count, length] = [Math.min(outDim, inDim), Math.max(outDim, inDim)]
  return (DRAW_COST * count * length) / 2 + 2 * count * count * length
}

/** The rows of the weight are orthonormal if out <= in, else its columns. */
export function* denseInit(
  { outDim, inDim, inStride, weight }: DenseLayer,
  index: number,
  seed: number,
  gain: number,
  params: Float32Array,
): Pieces<void> {
  const count = Math.min(outDim, inDim)
  const length = Math.max(outDim, inDim)
  const a = yield* normalNumbers(seed, index, count * length)
  yield* orthonormalise(a, count, length)
  for (let o = 0; o < outDim; o++) {
    for (let i = 0; i < inDim; i++) {
      const q = outDim <= inDim ? a[o * length + i] : a[i * length + o]
      params[weight + o * inStride + i] = gain * q
    }
  }
}
