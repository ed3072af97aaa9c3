/** The settings of the rivals' bench cases, the same for every rival and for the CPU reference that checks them. */
import { derivedSizes, type PpoConfig } from '../../src/config/config'
import { makeRng, normal, uniform } from '../../src/env/rng'
import { initParams } from '../../src/model/init'
import { asDense } from '../../src/model/layers'
import { forEachParam, layoutNetwork, type NetworkLayout, networkShape, unpackParams } from '../../src/model/network'
import { storageOf } from '../../src/model/networkshape'
import { advantageStats } from '../../src/reference/advantage_stats'
import type { Batch } from '../../src/reference/minibatch'
import { type UpdateHyper, updateHyper } from '../../src/reference/update'
import { type BenchPoint, benchPoints } from '../cases/cases'

export const RIVAL_CASES = ['minibatch-step', 'minatar-step', 'nature-cnn', 'cartpole-cleanrl'] as const
export type RivalCase = (typeof RIVAL_CASES)[number]
/** All but whole training are of one optimiser step. */
export type StepCase = Exclude<RivalCase, 'cartpole-cleanrl'>
export const isStep = (name: RivalCase): name is StepCase => name !== 'cartpole-cleanrl'

export interface SizedCase<N extends RivalCase = RivalCase> {
  name: N
  /** At the size for software adapters; default false. */
  software?: boolean
}

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

/** A case as in the bench, at a constant learning rate. */
export function rivalSetting({ name, software = false }: SizedCase): Setting {
  const [point] = benchPoints(name, software ? 'software' : 'hardware')
  const { config, spec } = point
  const layout = layoutNetwork(networkShape(spec, config))
  return { point, config, layout, hyper: updateHyper(config, config.learningRate, 0), ...derivedSizes(config) }
}

/**
 * The initial weights, [paramStride]. With `spread` heads and biases are normal, like those of a trained policy: where all
 * inputs are 0 no sum is exactly 0, of which libraries give relu different derivatives.
 */
export function firstParams({ layout, config }: Setting, spread: boolean): Float32Array {
  const params = initParams(layout, config)
  if (!spread) return params
  const rng = makeRng(config.seed, 0, OWN_STREAM, 0)
  const { policy, value } = layout.heads
  for (const { weight, inDim, inStride, outDim } of [policy, value].map(asDense)) {
    for (let o = 0; o < outDim; o++) {
      // 0.3 times standard normal for 64 inputs; as large a sum for any number of them.
      for (let i = 0; i < inDim; i++)
        params[weight + o * inStride + i] = (2.4 / Math.sqrt(inDim)) * normal(nextDraw(rng))
    }
  }
  forEachParam(layout, (tensor, _shape, _flat, at) => {
    if (tensor.endsWith('.bias')) params[at] = 0.1 * normal(nextDraw(rng))
  })
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
 * less than the value clip. Padded like the reference's; advantages normalised; f32 numbers, of packed observations bits or
 * bytes / 255.
 */
export function stepBatch(layout: NetworkLayout, rows: number): Batch {
  const rng = makeRng(2, 0, OWN_STREAM, 0)
  const numbers = (draw: () => number, stride = 1) =>
    Float64Array.from({ length: rows * stride }, () => {
      nextDraw(rng)
      return Math.fround(draw())
    })
  const { actionDim } = layout.shape
  const observed: Record<ReturnType<typeof storageOf>, () => number> = {
    f32: () => normal(rng),
    bits: () => (uniform(rng) < 0.1 ? 1 : 0), // as many as a board of MinAtar has, about
    bytes: () => Math.floor(256 * uniform(rng)) / 255,
  }
  const raw = numbers(() => normal(rng))
  const all = Uint32Array.from({ length: rows }, (_, i) => i)
  const { mean, invStd } = advantageStats(raw, all)
  return {
    size: rows,
    obs: numbers(observed[storageOf(layout.shape)], layout.actor[0].inStride),
    actions: numbers(() => Math.floor(actionDim * uniform(rng))),
    logprobs: numbers(() => 0.3 * normal(rng) - Math.log(actionDim)),
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
