/**
 * First weights of the networks, the same bits for the GPU and the CPU reference: orthogonal matrices (Saxe et al.
 * 2014, as torch.nn.init.orthogonal_) with gains, CleanRL's by default; biases 0; log standard deviations `logStdInit`.
 */
import type { Layer, NetworkLayout } from './network'
import type { PpoConfig } from './options'
import { makeRng, normalPair, STREAM } from './reference/rng'

/** What of a configuration the first weights follow from. */
export type InitOptions = Pick<PpoConfig, 'seed' | 'hiddenGain' | 'actorGain' | 'criticGain' | 'logStdInit'>

const DRAWS_PER_ENV = 256

/**
 * `size` standard normal numbers for layer number `index`, filled from flat index 0. The pair (2k, 2k + 1) of flat indices
 * is draw k % 256 of "env" floor(k / 256), stream INIT, step = index: no draw passes 255, for up to 2^29 numbers.
 */
function normalMatrix(seed: number, index: number, size: number): Float64Array {
  const values = new Float64Array(size + 1)
  for (let k = 0; 2 * k < size; k++) {
    const rng = makeRng(seed, index, STREAM.INIT, Math.floor(k / DRAWS_PER_ENV))
    rng.draw = k % DRAWS_PER_ENV
    const [a, b] = normalPair(rng)
    values[2 * k] = a
    values[2 * k + 1] = b
  }
  return values.subarray(0, size)
}

/**
 * Makes the `count` rows of `a` (each `length` numbers, count <= length) orthonormal in place, by Gram-Schmidt carried
 * out twice ("twice is enough", Giraud et al. 2005). That is the Q of a QR decomposition whose R has a positive
 * diagonal, the sign convention of torch.nn.init.orthogonal_. Work: 4 count^2 length FLOP.
 */
export function orthonormalise(a: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const row = a.subarray(i * length, (i + 1) * length)
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = j * length
        let dot = 0
        for (let k = 0; k < length; k++) dot += row[k] * a[other + k]
        for (let k = 0; k < length; k++) row[k] -= dot * a[other + k]
      }
    }
    let squares = 0
    for (let k = 0; k < length; k++) squares += row[k] * row[k]
    const norm = Math.sqrt(squares)
    for (let k = 0; k < length; k++) row[k] /= norm
  }
}

/** An orthogonal weight [out][in] times `gain`: its rows are orthonormal when out <= in, else its columns are. */
function orthogonal(layer: Layer, index: number, seed: number, gain: number, params: Float32Array): void {
  const { outDim, inDim } = layer
  const count = Math.min(outDim, inDim)
  const length = Math.max(outDim, inDim)
  const a = normalMatrix(seed, index, count * length)
  orthonormalise(a, count, length)
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
export function initParams(layout: NetworkLayout, options: InitOptions): Float32Array {
  const params = new Float32Array(layout.paramStride)
  const headGain = new Map([
    [layout.actor.at(-1), options.actorGain],
    [layout.critic.at(-1), options.criticGain],
  ])
  layout.layers.forEach((layer, index) => {
    orthogonal(layer, index, options.seed, headGain.get(layer) ?? options.hiddenGain, params)
  })
  if (layout.logStd >= 0) params.fill(options.logStdInit, layout.logStd, layout.logStd + layout.shape.actionDim)
  return params
}
