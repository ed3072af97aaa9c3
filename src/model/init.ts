/**
 * First weights of the networks, the same bits for the GPU and the CPU reference: orthogonal matrices (Saxe et al.
 * 2014, as torch.nn.init.orthogonal_) with gains, CleanRL's by default; biases 0; log standard deviations `logStdInit`.
 */

import { makeRng, normalPair, STREAM } from '../env/rng'
import type { PpoConfig } from '../options/options'
import type { Layer, NetworkLayout } from './network'
import { orthonormalise } from './orthonormal'
import { allPieces, type Pieces } from './pieces'

/** What of a configuration the first weights follow from. */
export type InitOptions = Pick<PpoConfig, 'seed' | 'hiddenGain' | 'actorGain' | 'criticGain' | 'logStdInit'>

const DRAWS_PER_ENV = 256

/** Draws after which a piece of work ends. */
const DRAWS_PER_PIECE = 2 ** 14
/** What a draw costs, in the multiplications that the progress is counted in. */
const DRAW_COST = 100

/** Multiplications of all pieces of `initialising(layout)`. */
export function initCost({ layers }: Pick<NetworkLayout, 'layers'>): number {
  return layers.reduce((sum, { outDim, inDim }) => {
    const [count, length] = [Math.min(outDim, inDim), Math.max(outDim, inDim)]
    return sum + (DRAW_COST * count * length) / 2 + 2 * count * count * length
  }, 0)
}

/**
 * `size` standard normal numbers for layer number `index`, filled from flat index 0. The pair (2k, 2k + 1) of flat indices
 * is draw k % 256 of "env" floor(k / 256), stream INIT, step = index: no draw passes 255, for up to 2^29 numbers.
 */
function* normalMatrix(seed: number, index: number, size: number): Pieces<Float64Array> {
  const values = new Float64Array(size + 1)
  for (let k = 0; 2 * k < size; k++) {
    const rng = makeRng(seed, index, STREAM.INIT, Math.floor(k / DRAWS_PER_ENV))
    rng.draw = k % DRAWS_PER_ENV
    const [a, b] = normalPair(rng)
    values[2 * k] = a
    values[2 * k + 1] = b
    if (k % DRAWS_PER_PIECE === DRAWS_PER_PIECE - 1) yield DRAW_COST * DRAWS_PER_PIECE
  }
  yield DRAW_COST * (Math.ceil(size / 2) % DRAWS_PER_PIECE)
  return values.subarray(0, size)
}

/** An orthogonal weight [out][in] times `gain`: its rows are orthonormal when out <= in, else its columns are. */
function* orthogonal(layer: Layer, index: number, seed: number, gain: number, params: Float32Array): Pieces<void> {
  const { outDim, inDim } = layer
  const count = Math.min(outDim, inDim)
  const length = Math.max(outDim, inDim)
  const a = yield* normalMatrix(seed, index, count * length)
  yield* orthonormalise(a, count, length)
  for (let o = 0; o < outDim; o++) {
    for (let i = 0; i < inDim; i++) {
      const q = outDim <= inDim ? a[o * length + i] : a[i * length + o]
      params[layer.weight + o * layer.inStride + i] = gain * q
    }
  }
}

/**
 * One agent's first parameters, [paramStride], padding 0. Layers are numbered actor first, then critic; a shared
 * trunk, then the actor's head, then the critic's. `options` are the
 * agent's own. Rounded to f32, so that CPU and GPU start from the same bits.
 */
export const initParams = (layout: NetworkLayout, options: InitOptions): Float32Array =>
  allPieces(initialising(layout, options))

/** The same, in pieces. */
export function* initialising(layout: NetworkLayout, options: InitOptions): Pieces<Float32Array> {
  const params = new Float32Array(layout.paramStride)
  const headGain = new Map([
    [layout.actor.at(-1), options.actorGain],
    [layout.critic.at(-1), options.criticGain],
  ])
  for (const [index, layer] of layout.layers.entries()) {
    yield* orthogonal(layer, index, options.seed, headGain.get(layer) ?? options.hiddenGain, params)
  }
  if (layout.logStd >= 0) params.fill(options.logStdInit, layout.logStd, layout.logStd + layout.shape.actionDim)
  return params
}
