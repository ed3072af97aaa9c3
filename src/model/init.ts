/**
 * Initial weights of the networks, bit-identical for the GPU and the CPU reference: each layer's kind defines them,
 * with CleanRL's gains by default; log standard deviations are `logStdInit`.
 */
import type { PpoConfig } from '../options/options'
import { distributionOf } from './distributions/table'
import { initOf } from './layerinits'
import type { NetworkLayout } from './network'
import { allPieces, type Pieces } from './pieces'

/** The options that determine the initial weights. */
export type InitOptions = Pick<PpoConfig, 'seed' | 'hiddenGain' | 'actorGain' | 'criticGain' | 'logStdInit'>

/** Number of multiplications of all pieces of `initialising(layout)`. */
export const initCost = ({ layers }: Pick<NetworkLayout, 'layers'>): number =>
  layers.reduce((sum, layer) => sum + initOf(layer).initCost(layer), 0)

/**
 * One agent's initial parameters, [paramStride], padding 0. Layers are numbered actor first, then critic; with a shared
 * trunk: trunk, the actor's head, the critic's head. `options` are the agent's own. Rounded to f32, so that CPU and GPU
 * start with the same values.
 */
export const initParams = (layout: NetworkLayout, options: InitOptions): Float32Array =>
  allPieces(initialising(layout, options))

/** The same, in pieces. */
export function* initialising(layout: NetworkLayout, options: InitOptions): Pieces<Float32Array> {
  const params = new Float32Array(layout.paramStride)
  const headGain = new Map([
    [layout.heads.policy, options.actorGain],
    [layout.heads.value, options.criticGain],
  ])
  for (const [index, layer] of layout.layers.entries()) {
    const gain = headGain.get(layer) ?? options.hiddenGain
    yield* initOf(layer).init(layer, index, options.seed, gain, params)
  }
  const { own } = distributionOf(layout.shape)
  if (own) params.fill(own.first(options), layout.own, layout.own + own.count)
  return params
}

/** For one agent after the other; `agents` are their own options, and `take` gets the initial parameters of each. */
export function* initialisingAll(
  layout: NetworkLayout,
  agents: InitOptions[],
  take: (params: Float32Array, agent: number) => void,
): Pieces<void> {
  for (const [agent, own] of agents.entries()) take(yield* initialising(layout, own), agent)
}
