/** The update phase: shuffle -> gather -> forward -> losses -> backward -> gradient norm -> adam. One agent. */
import type { PpoConfig } from '../config'
import type { NetworkLayout } from '../network'
import { type AdamHyper, type AdamState, adam, projectLogStd } from './adam'
import { advantageStats, UNNORMALISED } from './advantage_stats'
import { gradNorm } from './grad_norm'
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
  /** Before clipping; null for the minibatch that tripped the early stop, which has no backward pass. */
  gradNorm: number | null
  /** false where the early stop tripped or the gradient is not finite: the last minibatch of its iteration. */
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
 * Losses of the samples `indices` of `batch` under the current weights; `indices` fills the workspace's rows exactly.
 * Leaves the per-sample quantities and the derivatives by the networks' outputs in `work.loss`.
 */
export function forwardMinibatch(
  learner: Learner,
  batch: Batch,
  indices: ArrayLike<number>,
  hyper: UpdateHyper,
  work: Workspace,
): MinibatchStats {
  const { layout, params } = learner
  const { shape, actor, critic, logStd } = layout
  const { minibatch, loss } = work
  const rows = indices.length
  const stats = hyper.normAdv ? advantageStats(batch.advantages, indices) : UNNORMALISED
  gatherMinibatch(layout, batch, indices, stats, minibatch)
  const inputs = {
    ...minibatch,
    rows,
    dist: shape.dist,
    actionDim: shape.actionDim,
    out: mlpForward(actor, shape.activation, params, minibatch.obs, rows, work.actor),
    outStride: actor.at(-1)!.outStride,
    newValues: mlpForward(critic, shape.activation, params, minibatch.obs, rows, work.critic),
    valueStride: critic.at(-1)!.outStride,
    logStd: logStd >= 0 ? params : null,
    logStdOffset: logStd,
  }
  ppoLoss(inputs, hyper, loss)
  return lossStats(loss, rows, hyper)
}

/**
 * The gradient of the loss that `forwardMinibatch` evaluated, left in `work.gradient` [paramStride]. Returns its
 * norm, before clipping.
 */
export function backwardMinibatch(learner: Learner, rows: number, work: Workspace): number {
  const { layout, params } = learner
  const { shape, actor, critic, logStd } = layout
  const { minibatch, loss, partials } = work
  partials.fill(0)
  mlpBackward(actor, shape.activation, params, minibatch.obs, rows, work.actor, work.dActor, partials)
  mlpBackward(critic, shape.activation, params, minibatch.obs, rows, work.critic, work.dCritic, partials)
  if (logStd >= 0) {
    const stride = actor.at(-1)!.outStride
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < shape.actionDim; j++) partials[logStd + j] += loss.dLossDLogStd[i * stride + j]
    }
  }
  reduceGradients(partials, 1, layout.paramStride, work.gradient)
  return gradNorm(work.gradient)
}

/** One minibatch: forward, early stop or backward, step. A gradient that is not finite changes nothing. */
export function updateMinibatch(
  learner: Learner,
  batch: Batch,
  indices: ArrayLike<number>,
  hyper: UpdateHyper,
  work: Workspace,
): Omit<MinibatchResult, 'epoch'> {
  const stats = forwardMinibatch(learner, batch, indices, hyper, work)
  if (stopsEarly(stats, hyper.algorithm, hyper.targetKl)) return { stats, gradNorm: null, stepped: false }
  const norm = backwardMinibatch(learner, indices.length, work)
  if (!Number.isFinite(norm)) return { stats, gradNorm: norm, stepped: false }
  adam(learner.params, work.gradient, norm, learner.adam, hyper)
  projectLogStd(learner.params, learner.layout.logStd, learner.layout.shape.actionDim)
  return { stats, gradNorm: norm, stepped: true }
}

/**
 * updateEpochs x numMinibatches steps. `select(epoch, minibatch)` gives the samples of a minibatch: the shuffle in
 * training, recorded permutations in a replay. Stops after the first minibatch that does
 * not step.
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
