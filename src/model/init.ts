/**
 * First weights of the networks, the same bits for the GPU and the CPU reference: each layer as its kind says, with
 * CleanRL's gains by default; log standard deviations `logStdInit`.
 */
import type { PpoConfig } from '../options/options'
import { distributionOf } from './distributions/table'
import { kindOf } from './layers'
import type { NetworkLayout } from './network'
import { allPieces, type Pieces } from './pieces'

/** What of a configuration the first weights follow from. */
export type InitOptions = Pick<PpoConfig, 'seed' | 'hiddenGain' | 'actorGain' | 'criticGain' | 'logStdInit'>

/** Multiplications of all pieces of `initialising(layout)`. */
export const initCost = ({ layers }: Pick<NetworkLayout, 'layers'>): number =>
  layers.reduce((sum, layer) => sum + kindOf(layer).initCost(layer), 0)

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
    [layout.heads.policy, options.actorGain],
    [layout.heads.value, options.criticGain],
  ])
  for (const [index, layer] of layout.layers.entries()) {
    const gain = headGain.get(layer) ?? options.hiddenGain
    yield* kindOf(layer).init(layer, index, options.seed, gain, params)
  }
  const { own } = distributionOf(layout.shape)
  if (own) params.fill(own.first(options), layout.own, layout.own + own.count)
  return params
}

/** One agent after the other; `agents` are their own options, and `take` gets what each begins with. */
export function* initialisingAll(
  layout: NetworkLayout,
  agents: InitOptions[],
  take: (params: Float32Array, agent: number) => void,
): Pieces<void> {
  for (const [agent, own] of agents.entries()) take(yield* initialising(layout, own), agent)
}
