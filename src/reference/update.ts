/** The update phase: shuffle -> gather -> forward -> losses -> backward -> gradient norm -> adam. One agent. */
import type { PpoConfig } from '../config/config'
import { distributionOf } from '../model/distributions/table'
import type { NetworkLayout } from '../model/network'
import { type LayerTwins, TWINS } from '../model/twins'
import { ADAPTIVE_LR } from '../options/options'
import { type AdamHyper, type AdamState, adam, gradNorm, sumOfSquares } from './adam'
import { type NormaliseAdvantages, normalisation } from './advantage_stats'
import { type Batch, gatherMinibatch, type Workspace } from './minibatch'
import { actorRows, mlpBackward, mlpForward } from './mlp'
import { type LossHyper, ppoLoss } from './ppo_loss'
import { type MinibatchStats, minibatchStats, stopsEarly } from './reduce'
import { sumLosses, sumOwn } from './sum_losses'

/** The parameters and the optimiser of an agent. */
export interface Learner {
  layout: NetworkLayout
  /** [paramStride] */
  params: Float64Array
  adam: AdamState
  /** How the layers are computed. */
  twins: LayerTwins
}

export type UpdateHyper = LossHyper &
  AdamHyper &
  NormaliseAdvantages & {
    targetKl: number | null
    /** The target KL of the adaptive learning rate; null: the rate is not adaptive. */
    desiredKl: number | null
  }

export interface MinibatchResult {
  epoch: number
  stats: MinibatchStats
  /** Of the step. */
  learningRate: number
  /** Before clipping; null for the minibatch that caused the early stop, which has no backward pass. */
  gradNorm: number | null
  /** false after an early stop or with a non-finite gradient: the last minibatch of its iteration. */
  stepped: boolean
  /** false if a parameter would become non-finite in the step: also the last minibatch. */
  finite: boolean
}

/**
 * The hyperparameters of one iteration. `remaining` is the fraction of the run that is left when the iteration starts,
 * 1 in the first; `vfClipCoef: null` is resolved.
 */
export function updateHyper(config: PpoConfig, learningRate: number, klCoef: number, remaining = 1): UpdateHyper {
  const clipCoef = config.clipCoef * (config.annealClipCoef ? remaining : 1)
  const entCoef = config.entCoef * (config.annealEntCoef ? remaining : 1)
  const vfClipCoef = config.vfClipCoef ?? (config.algorithm === 'penalty' ? 0.2 : clipCoef)
  return { ...config, clipCoef, entCoef, vfClipCoef, learningRate, klCoef }
}

/**
 * The learning rate of a step, from that of the step before and the minibatch's KL, measured before the step (rsl_rl).
 * Not for the first minibatch of an iteration, where the KL is 0 except for rounding: rsl_rl's condition kl > 0.
 */
export function adaptLearningRate(learningRate: number, kl: number, desiredKl: number): number {
  if (kl > 2 * desiredKl) return Math.max(ADAPTIVE_LR.min, learningRate / 1.5)
  if (kl < desiredKl / 2) return Math.min(ADAPTIVE_LR.max, learningRate * 1.5)
  return learningRate
}

export function makeLearner(layout: NetworkLayout, params: Float64Array, twins = TWINS): Learner {
  const zeros = () => new Float64Array(layout.paramStride)
  return { layout, params, adam: { m: zeros(), v: zeros(), t: 0 }, twins }
}

/**
 * Losses of the samples `indices` of `batch` under the current weights; `indices` fills the workspace's rows exactly.
 * Writes the per-sample quantities and the derivatives with respect to the networks' outputs to `work.loss`.
 */
export function forwardMinibatch(
  learner: Learner,
  batch: Batch,
  indices: ArrayLike<number>,
  hyper: UpdateHyper,
  work: Workspace,
): MinibatchStats {
  const { layout, params, twins } = learner
  const { shape, actor, critic } = layout
  const { minibatch, loss } = work
  const distribution = distributionOf(shape)
  const rows = indices.length
  const stats = normalisation(batch.advantages, indices, hyper)
  gatherMinibatch(layout, batch, indices, stats, minibatch)
  const inputs = {
    ...minibatch,
    rows,
    distribution,
    out: mlpForward(actor, params, actorRows(layout, minibatch.obs, rows), rows, work.actor, twins),
    outStride: actor.at(-1)!.outStride,
    newValues: mlpForward(critic, params, minibatch.obs, rows, work.critic, twins),
    valueStride: critic.at(-1)!.outStride,
    own: distribution.own ? params : null,
    ownOffset: layout.own,
  }
  ppoLoss(inputs, hyper, loss)
  return minibatchStats([sumLosses(loss, 0, rows)], rows, hyper)
}

/**
 * The gradient of the loss that `forwardMinibatch` evaluated, written to `work.gradient` [paramStride]. Returns its
 * norm, before clipping.
 */
export function backwardMinibatch(learner: Learner, rows: number, work: Workspace): number {
  const { layout, params, twins } = learner
  const { actor, critic, own } = layout
  const { minibatch, loss, gradient } = work
  gradient.fill(0)
  mlpBackward(actor, params, actorRows(layout, minibatch.obs, rows), rows, work.actor, work.dActor, gradient, twins)
  mlpBackward(critic, params, minibatch.obs, rows, work.critic, work.dCritic, gradient, twins)
  if (own >= 0) gradient.set(sumOwn(loss.dLossDOwn, actor.at(-1)!.outStride, 0, rows), own)
  return gradNorm(gradient)
}

/** One minibatch: forward, early stop or backward, step. A non-finite gradient changes nothing. */
export function updateMinibatch(
  learner: Learner,
  batch: Batch,
  indices: ArrayLike<number>,
  hyper: UpdateHyper,
  work: Workspace,
): Omit<MinibatchResult, 'epoch'> {
  const stats = forwardMinibatch(learner, batch, indices, hyper, work)
  const { desiredKl } = hyper
  const learningRate =
    desiredKl === null ? hyper.learningRate : adaptLearningRate(hyper.learningRate, stats.kl, desiredKl)
  if (stopsEarly(stats, hyper.algorithm, hyper.targetKl))
    return { stats, learningRate, gradNorm: null, stepped: false, finite: true }
  backwardMinibatch(learner, indices.length, work)
  const { layout, params, adam: state } = learner
  const squares = Float64Array.of(sumOfSquares(work.gradient))
  const place = { logStd: layout.own, actionDim: layout.shape.actionDim }
  const { norm, finite } = adam(params, work.gradient, squares, state, { ...hyper, learningRate }, place)
  return { stats, learningRate, gradNorm: norm, stepped: Number.isFinite(norm), finite }
}

/**
 * updateEpochs x numMinibatches steps. `select(epoch, minibatch)` gives the samples of a minibatch: the shuffle in
 * training, recorded permutations in a replay. Stops after the first minibatch without a step, or with a non-finite
 * result.
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
      // The first minibatch uses the given rate; each later one starts from that of the one before.
      const learningRate = results.at(-1)?.learningRate ?? hyper.learningRate
      const desiredKl = results.length === 0 ? null : hyper.desiredKl
      const now = { ...hyper, learningRate, desiredKl }
      const result = updateMinibatch(learner, batch, select(epoch, minibatch), now, work)
      results.push({ epoch, ...result })
      if (!result.stepped || !result.finite) return results
    }
  }
  return results
}
