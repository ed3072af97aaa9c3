/** The update phase: shuffle -> gather -> forward -> losses -> backward -> gradient norm -> adam. One agent. */
import type { PpoConfig } from '../config'
import type { NetworkLayout } from '../network'
import { type AdamHyper, type AdamState, adam, projectLogStd } from './adam'
import { advantageStats } from './advantage_stats'
import { gather } from './gather'
import { lossStats, type MinibatchStats, stopsEarly } from './loss_stats'
import { type LayerBuffers, makeLayerBuffers, mlpBackward, mlpForward } from './mlp'
import { type LossHyper, type LossOutputs, makeLossOutputs, ppoLoss } from './ppo_loss'
import { reduceGradients } from './reduce_gradients'
import { actionStride } from './sample'

/** What is trained. */
export interface Learner {
  layout: NetworkLayout
  /** [paramStride] */
  params: Float64Array
  adam: AdamState
}

/** Transitions to learn from, `size` rows each; `obs`, `actions`, `oldOut` with their padded strides. */
export interface Batch {
  size: number
  /** [size][round4(obsDim)] */
  obs: Float64Array
  /** [size] or [size][round4(actionDim)] */
  actions: Float64Array
  logprobs: Float64Array
  values: Float64Array
  advantages: Float64Array
  returns: Float64Array
  /** Logits or means of the behaviour policy, [size][round4(actionDim)]; null: no KL. */
  oldOut: Float64Array | null
  /** [round4(actionDim)]; null for categorical policies. */
  oldLogStd: Float64Array | null
}

export type UpdateHyper = LossHyper & AdamHyper & { normAdv: boolean; targetKl: number | null }

export interface MinibatchResult {
  epoch: number
  stats: MinibatchStats
  /** Before clipping. */
  gradNorm: number
  /** false for the minibatch that tripped the early stop. */
  stepped: boolean
}

/** The hyperparameters of one iteration, with `vfClipCoef: null` resolved. */
export function updateHyper(config: PpoConfig, learningRate: number, klCoef: number): UpdateHyper {
  const vfClipCoef = config.vfClipCoef ?? (config.algorithm === 'penalty' ? 0.2 : config.clipCoef)
  return { ...config, vfClipCoef, learningRate, klCoef }
}

export function makeLearner(layout: NetworkLayout, params: Float64Array): Learner {
  const zeros = () => new Float64Array(layout.paramStride)
  return { layout, params, adam: { m: zeros(), v: zeros(), t: 0 } }
}

/** Working memory for minibatches of up to `rows` samples. After an update it holds everything that was computed. */
export interface Workspace {
  minibatch: Batch
  actor: LayerBuffers
  critic: LayerBuffers
  dActor: LayerBuffers
  dCritic: LayerBuffers
  loss: LossOutputs
  partials: Float64Array
  gradient: Float64Array
}

export function makeWorkspace(layout: NetworkLayout, rows: number, withOldOut: boolean): Workspace {
  const { actor, critic, shape, paramStride } = layout
  const outStride = actor.at(-1)!.outStride
  const loss = makeLossOutputs(rows, outStride, critic.at(-1)!.outStride)
  const numbers = (stride = 1) => new Float64Array(rows * stride)
  return {
    minibatch: {
      size: rows,
      obs: numbers(actor[0].inStride),
      actions: numbers(actionStride(shape.dist, shape.actionDim)),
      logprobs: numbers(),
      values: numbers(),
      advantages: numbers(),
      returns: numbers(),
      oldOut: withOldOut ? numbers(outStride) : null,
      oldLogStd: null,
    },
    actor: makeLayerBuffers(actor, rows),
    critic: makeLayerBuffers(critic, rows),
    dActor: [...makeLayerBuffers(actor.slice(0, -1), rows), loss.dLossDOut],
    dCritic: [...makeLayerBuffers(critic.slice(0, -1), rows), loss.dLossDValue],
    loss,
    partials: new Float64Array(paramStride),
    gradient: new Float64Array(paramStride),
  }
}

/** Copies the rows `indices` of `batch` into `minibatch`. */
export function gatherMinibatch(
  layout: NetworkLayout,
  batch: Batch,
  indices: ArrayLike<number>,
  minibatch: Batch,
): void {
  const { dist, actionDim } = layout.shape
  gather(batch.obs, layout.actor[0].inStride, indices, minibatch.obs)
  gather(batch.actions, actionStride(dist, actionDim), indices, minibatch.actions)
  for (const name of ['logprobs', 'values', 'advantages', 'returns'] as const) {
    gather(batch[name], 1, indices, minibatch[name])
  }
  if (batch.oldOut && minibatch.oldOut) gather(batch.oldOut, layout.actor.at(-1)!.outStride, indices, minibatch.oldOut)
  minibatch.oldLogStd = batch.oldLogStd
}

/**
 * Losses and gradient of the samples `indices` of `batch` under the current weights. Leaves the gradient in
 * `work.gradient` and the per-sample quantities in `work.loss`; `indices` fills the workspace's rows exactly.
 */
export function evaluateMinibatch(
  learner: Learner,
  batch: Batch,
  indices: ArrayLike<number>,
  hyper: UpdateHyper,
  work: Workspace,
): { stats: MinibatchStats; sumOfSquares: number } {
  const { layout, params } = learner
  const { shape, actor, critic, logStd } = layout
  const { minibatch, loss, partials } = work
  const rows = indices.length
  gatherMinibatch(layout, batch, indices, minibatch)

  const out = mlpForward(actor, shape.activation, params, minibatch.obs, rows, work.actor)
  const newValues = mlpForward(critic, shape.activation, params, minibatch.obs, rows, work.critic)
  const outStride = actor.at(-1)!.outStride
  ppoLoss(
    {
      ...minibatch,
      rows,
      dist: shape.dist,
      actionDim: shape.actionDim,
      out,
      outStride,
      newValues,
      valueStride: critic.at(-1)!.outStride,
      logStd: logStd >= 0 ? params : null,
      logStdOffset: logStd,
      advantageStats: hyper.normAdv ? advantageStats(batch.advantages, indices) : null,
    },
    hyper,
    loss,
  )
  const stats = lossStats(loss, rows, hyper)

  partials.fill(0)
  mlpBackward(actor, shape.activation, params, minibatch.obs, rows, work.actor, work.dActor, partials)
  mlpBackward(critic, shape.activation, params, minibatch.obs, rows, work.critic, work.dCritic, partials)
  if (logStd >= 0) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < shape.actionDim; j++) partials[logStd + j] += loss.dLossDLogStd[i * outStride + j]
    }
  }
  return { stats, sumOfSquares: reduceGradients(partials, 1, layout.paramStride, work.gradient) }
}

/** One minibatch: evaluate, then step unless the early stop trips. */
export function updateMinibatch(
  learner: Learner,
  batch: Batch,
  indices: ArrayLike<number>,
  hyper: UpdateHyper,
  work: Workspace,
): Omit<MinibatchResult, 'epoch'> {
  const { stats, sumOfSquares } = evaluateMinibatch(learner, batch, indices, hyper, work)
  const stepped = !stopsEarly(stats, hyper.algorithm, hyper.targetKl)
  if (stepped) {
    adam(learner.params, work.gradient, sumOfSquares, learner.adam, hyper)
    projectLogStd(learner.params, learner.layout.logStd, learner.layout.shape.actionDim)
  }
  return { stats, gradNorm: Math.sqrt(sumOfSquares), stepped }
}

/**
 * updateEpochs x numMinibatches steps. `select(epoch, minibatch)` gives the samples of a minibatch: the shuffle in
 * training, recorded permutations in a replay. Stops after the minibatch that trips the early stop.
 */
export function update(
  learner: Learner,
  batch: Batch,
  hyper: UpdateHyper,
  updateEpochs: number,
  numMinibatches: number,
  select: (epoch: number, minibatch: number) => ArrayLike<number>,
  work: Workspace,
): MinibatchResult[] {
  const results: MinibatchResult[] = []
  for (let epoch = 0; epoch < updateEpochs; epoch++) {
    for (let minibatch = 0; minibatch < numMinibatches; minibatch++) {
      const result = updateMinibatch(learner, batch, select(epoch, minibatch), hyper, work)
      results.push({ epoch, ...result })
      if (!result.stepped) return results
    }
  }
  return results
}
