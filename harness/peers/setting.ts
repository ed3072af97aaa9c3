/** The settings of the two bench cases, the same for every rival and for the CPU reference that checks them. */
import { derivedSizes, type PpoConfig } from '../../src/config/config'
import { makeRng, normal, uniform } from '../../src/env/rng'
import { initParams } from '../../src/model/init'
import { asDense } from '../../src/model/layers'
import { layoutNetwork, type NetworkLayout, networkShape, unpackParams } from '../../src/model/network'
import { advantageStats } from '../../src/reference/advantage_stats'
import type { Batch } from '../../src/reference/minibatch'
import { type UpdateHyper, updateHyper } from '../../src/reference/update'
import { type BenchPoint, benchPoints } from '../cases/cases'

export const RIVAL_CASES = ['minibatch-step', 'cartpole-cleanrl'] as const
export type RivalCase = (typeof RIVAL_CASES)[number]

/** A stream of random numbers that training does not use. */
const OWN_STREAM = 15

export interface Setting {
  point: BenchPoint
  config: PpoConfig
  layout: NetworkLayout
  hyper: UpdateHyper
  minibatchSize: number
  batchSize: number
}

/** A case as in the bench: CleanRL's options at a constant learning rate. */
export function rivalSetting(name: RivalCase): Setting {
  const [point] = benchPoints(name, 'hardware')
  const { config, spec } = point
  const layout = layoutNetwork(networkShape(spec, config))
  return { point, config, layout, hyper: updateHyper(config, config.learningRate, 0), ...derivedSizes(config) }
}

/** The initial weights, [paramStride]. With `spread` the heads are 0.3 times standard normal, like a trained policy. */
export function firstParams({ layout, config }: Setting, spread: boolean): Float32Array {
  const params = initParams(layout, config)
  if (!spread) return params
  const rng = makeRng(config.seed, 0, OWN_STREAM, 0)
  for (const { weight, inDim, inStride, outDim } of [layout.heads.policy, layout.heads.value].map(asDense)) {
    for (let o = 0; o < outDim; o++) {
      for (let i = 0; i < inDim; i++) params[weight + o * inStride + i] = 0.3 * normal(nextDraw(rng))
    }
  }
  return params
}

/** Advances to an unused counter: a generator gives only 256 draws per step. */
function nextDraw(rng: ReturnType<typeof makeRng>): ReturnType<typeof makeRng> {
  rng.step++
  rng.draw = 0
  return rng
}

/**
 * `rows` samples that use every branch of the loss: ratios on both sides of the clip range, values that moved more and
 * less than the value clip. Padded like the reference's; advantages normalised; f32 numbers.
 */
export function stepBatch(layout: NetworkLayout, rows: number): Batch {
  const rng = makeRng(2, 0, OWN_STREAM, 0)
  const numbers = (draw: () => number, stride = 1) =>
    Float64Array.from({ length: rows * stride }, () => {
      nextDraw(rng)
      return Math.fround(draw())
    })
  const raw = numbers(() => normal(rng))
  const all = Uint32Array.from({ length: rows }, (_, i) => i)
  const { mean, invStd } = advantageStats(raw, all)
  return {
    size: rows,
    obs: numbers(() => normal(rng), layout.actor[0].inStride),
    actions: numbers(() => Math.floor(2 * uniform(rng))),
    logprobs: numbers(() => -0.7 + 0.3 * normal(rng)),
    values: numbers(() => normal(rng)),
    advantages: raw.map((a) => Math.fround((a - mean) * invStd)),
    returns: numbers(() => 2 * normal(rng)),
    oldOut: null,
    oldOwn: null,
    masks: null,
  }
}

/** Weights by name, without padding. */
export const named = (layout: NetworkLayout, params: Float32Array | Float64Array) => unpackParams(layout, params)
