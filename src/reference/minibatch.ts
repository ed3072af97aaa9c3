/** The transitions of a minibatch, and the working memory of an update. One agent. */
import { distributionOf } from '../model/distributions/table'
import type { Layer, NetworkLayout } from '../model/network'
import type { AdvantageStats } from './advantage_stats'
import { gather, gatherAdvantages } from './gather'
import type { LossOutputs } from './losses'
import { type LayerBuffers, makeLayerBuffers } from './mlp'
import { makeLossOutputs } from './ppo_loss'

/** Transitions to learn from, `size` rows each; `obs`, `actions`, `oldOut` with their padded strides. */
export interface Batch {
  size: number
  /** What the critic sees, [size][round4(criticDim)] */
  obs: Float64Array
  /** [size][actionStride of the distribution] */
  actions: Float64Array
  /** 0 forbids a choice, [size][actionDim]; null without masks. */
  masks: Float64Array | null
  logprobs: Float64Array
  values: Float64Array
  advantages: Float64Array
  returns: Float64Array
  /** Logits or means of the behaviour policy, [size][round4(actionDim)]; null: no KL. */
  oldOut: Float64Array | null
  /** The distribution's own parameters in the behaviour policy; null if it has none. */
  oldOwn: Float64Array | null
}

/** Working memory for minibatches of up to `rows` samples. After an update it contains all intermediate results. */
export interface Workspace {
  minibatch: Batch
  actor: LayerBuffers
  critic: LayerBuffers
  dActor: LayerBuffers
  dCritic: LayerBuffers
  loss: LossOutputs
  gradient: Float64Array
}

export function makeWorkspace(layout: NetworkLayout, rows: number, withOldOut: boolean): Workspace {
  const { actor, critic, shape, paramStride } = layout
  const outStride = actor.at(-1)!.outStride
  const loss = makeLossOutputs(rows, outStride, critic.at(-1)!.outStride)
  const numbers = (stride = 1) => new Float64Array(rows * stride)
  const hidden = (layers: Layer[]): LayerBuffers => layers.slice(0, -1).map((layer) => numbers(layer.outStride))
  return {
    minibatch: {
      size: rows,
      obs: numbers(critic[0].inStride),
      actions: numbers(distributionOf(shape).actionStride),
      masks: shape.masked ? numbers(shape.actionDim) : null,
      logprobs: numbers(),
      values: numbers(),
      advantages: numbers(),
      returns: numbers(),
      oldOut: withOldOut ? numbers(outStride) : null,
      oldOwn: null,
    },
    actor: makeLayerBuffers(actor, rows),
    critic: makeLayerBuffers(critic, rows),
    dActor: [...hidden(actor), loss.dLossDOut],
    dCritic: [...hidden(critic), loss.dLossDValue],
    loss,
    gradient: new Float64Array(paramStride),
  }
}

/** Copies the rows `indices` of `batch` into `minibatch`, the advantages normalised by `stats`. */
export function gatherMinibatch(
  layout: NetworkLayout,
  batch: Batch,
  indices: ArrayLike<number>,
  stats: AdvantageStats,
  minibatch: Batch,
): void {
  gather(batch.obs, layout.critic[0].inStride, indices, minibatch.obs)
  gather(batch.actions, distributionOf(layout.shape).actionStride, indices, minibatch.actions)
  if (batch.masks && minibatch.masks) gather(batch.masks, layout.shape.actionDim, indices, minibatch.masks)
  gather(batch.logprobs, 1, indices, minibatch.logprobs)
  gather(batch.values, 1, indices, minibatch.values)
  gather(batch.returns, 1, indices, minibatch.returns)
  gatherAdvantages(batch.advantages, indices, stats, minibatch.advantages)
  if (batch.oldOut && minibatch.oldOut) gather(batch.oldOut, layout.actor.at(-1)!.outStride, indices, minibatch.oldOut)
  minibatch.oldOwn = batch.oldOwn
}
