/** The update phase: shuffle -> gather -> forward -> losses -> backward -> gradient norm -> adam. One agent. */
import type { PpoConfig } from '../config'
import type { NetworkLayout } from '../network'
import { type AdamHyper, type AdamState, adam, projectLogStd } from './adam'
import { advantageStats } from './advantage_stats'
import { lossStats, type MinibatchStats, stopsEarly } from './loss_stats'
import { type Batch, gatherMinibatch, type Workspace } from './minibatch'
import { mlpBackward, mlpForward } from './mlp'
import { type LossHyper, ppoLoss } from './ppo_loss'
import { reduceGradients } from './reduce_gradients'

/** What is trained. */
export interface Learner {
  layout: NetworkLayout
  /** [paramStride] */
  params: Float64Array
  adam: AdamState
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
