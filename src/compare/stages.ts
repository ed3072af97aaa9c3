/** The stages of one iteration, GPU against CPU reference. Each stage gets the GPU's own inputs. */

import { derivedSizes, type PpoConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { largest } from '../extremes'
import { distributionOf } from '../model/distributions/table'
import { layoutNetwork, networkShape } from '../model/network'
import { FLAG, recordLayout } from '../plan/transition'
import { adamStep, gradNorm, projectLogStd } from '../reference/adam'
import { gae } from '../reference/gae'
import { minibatchIndices } from '../reference/gather'
import { type Batch, makeWorkspace, type Workspace } from '../reference/minibatch'
import { makeLayerBuffers, mlpForward } from '../reference/mlp'
import { shuffleKeys } from '../reference/shuffle'
import {
  backwardMinibatch,
  forwardMinibatch,
  type Learner,
  makeLearner,
  update,
  updateHyper,
} from '../reference/update'
import { type Comparison, columns, compareNumbers, flagged, masksOf, type StageInputs } from './columns'
import type { LayeredDump, StageDump } from './dump'
import { compareRollout } from './rollout'

/** All stages, in the order in which an iteration computes them. */
export function compareStages(spec: EnvSpec, config: PpoConfig, dump: StageDump): Comparison[] {
  const layout = layoutNetwork(networkShape(spec, config))
  const inputs = { spec, config, layout, record: recordLayout(layout.shape), dump }
  return [...compareRollout(inputs), ...compareAdvantages(inputs), ...compareUpdate(inputs)]
}

/** The GPU's rollout as the reference's batch. */
function batchOf({ config, layout, record, dump }: StageInputs): Batch {
  const { batchSize: size } = derivedSizes(config)
  const { actionDim } = layout.shape
  const { own, actionStride } = distributionOf(layout.shape)
  const column = (at: number, width = 1, padded = width) =>
    columns(dump.transitions, record, at, 0, size, width, padded)
  return {
    size,
    obs: Float64Array.from(dump.obs.subarray(0, size * layout.critic[0].inStride)),
    actions: column(record.action, record.actionCount, actionStride),
    logprobs: column(record.logprob),
    values: column(record.value),
    advantages: column(record.advantage),
    returns: column(record.return),
    oldOut: column(record.oldOut, actionDim, record.outStride),
    oldOwn: own && Float64Array.from(dump.paramsBefore.subarray(layout.own, layout.own + own.count)),
    masks: masksOf(layout, record, dump.transitions, size),
  }
}

/** V of observations [n][inStride]; the fused plan does not store the values of final observations. */
function valuesOf({ layout, dump }: StageInputs, obs: Float32Array): Float64Array {
  const { critic } = layout
  const rows = obs.length / critic[0].inStride
  const params = Float64Array.from(dump.paramsBefore)
  const out = mlpForward(critic, params, obs, rows, makeLayerBuffers(critic, rows))
  return out.filter((_, i) => i % critic.at(-1)!.outStride === 0)
}

function compareAdvantages(inputs: StageInputs): Comparison[] {
  const { config, dump } = inputs
  const batch = batchOf(inputs)
  const column = (at: number) => columns(dump.transitions, inputs.record, at, 0, batch.size)
  const advantages = new Float64Array(batch.size)
  const returns = new Float64Array(batch.size)
  const values = Float64Array.from([...batch.values, ...dump.nextValues])
  const { reward, flags: atFlags } = inputs.record
  const all = column(atFlags)
  const flags = { terminated: flagged(all, FLAG.terminated), truncated: flagged(all, FLAG.truncated) }
  const finalValues = dump.layered?.finalValues ?? valuesOf(inputs, dump.finalObs)
  gae({ ...config, ...flags, rewards: column(reward), values, finalValues }, advantages, returns)
  // f32 rounding of a sum of up to numSteps terms of the size of a value
  const scale = largest(returns.map(Math.abs), 1)
  return [
    compareNumbers('gae.advantages', batch.advantages, advantages, 1e-5 * scale),
    compareNumbers('gae.returns', batch.returns, returns, 1e-5 * scale),
  ]
}

/** The samples of the first minibatch, which the layered plan stores: their order, and the losses in `work`. */
function compareSamples(
  { layout, record, dump }: StageInputs,
  kept: LayeredDump,
  indices: Uint32Array,
  { minibatch, critic, loss }: Workspace,
): Comparison[] {
  const rows = Array.from(indices, (i) => dump.transitions.subarray(i * record.stride, (i + 1) * record.stride))
  // Everything is a copy except the advantage, which is normalised. A wrong index gives completely different records.
  const gathered = (row: ArrayLike<number>) => Array.from(row).filter((_, k) => k !== record.advantage)
  const gpuRows = rows.flatMap((_, r) => gathered(kept.minibatch.subarray(r * record.stride, (r + 1) * record.stride)))
  const normalised = columns(kept.minibatch, record, record.advantage, 0, indices.length)
  const values = critic.at(-1)!.filter((_, i) => i % layout.critic.at(-1)!.outStride === 0)
  const width = kept.minibatchObs.length / indices.length
  const obs = Array.from(indices, (i) => [...dump.obs.subarray(i * width, (i + 1) * width)])
  return [
    compareNumbers('shuffle', [...gpuRows, ...kept.minibatchObs], [...rows.flatMap(gathered), ...obs.flat()], 0),
    compareNumbers('advantages normalised', normalised, minibatch.advantages, 1e-5),
    compareNumbers('loss.newLogprob', kept.newLogprob, loss.newLogprob, 1e-5),
    compareNumbers('loss.ratio', kept.ratio, loss.ratio, 1e-5),
    compareNumbers('loss.entropy', kept.entropy, loss.entropy, 1e-5),
    compareNumbers('loss.newValue', kept.newValue, values, 1e-5),
  ]
}

function compareUpdate(inputs: StageInputs): Comparison[] {
  const { config, layout, dump } = inputs
  const { batchSize, minibatchSize } = derivedSizes(config)
  const batch = batchOf(inputs)
  const work = makeWorkspace(layout, minibatchSize, true)
  const hyper = updateHyper(config, dump.learningRate, dump.klCoef, dump.remaining)
  const learner = (): Learner => {
    const made = makeLearner(layout, Float64Array.from(dump.paramsBefore))
    made.adam.m.set(dump.moments.subarray(0, layout.paramStride))
    made.adam.v.set(dump.moments.subarray(layout.paramStride))
    made.adam.t = dump.adamStep
    return made
  }
  const select = (epoch: number, minibatch: number): Uint32Array => {
    const indices = new Uint32Array(minibatchSize)
    minibatchIndices(minibatch, batchSize, shuffleKeys(config.seed, dump.iteration, epoch), indices)
    return indices
  }

  const indices = select(0, 0)
  const stages: Comparison[] = []
  const first = learner()
  const stats = forwardMinibatch(first, batch, indices, hyper, work)
  const means = [
    stats.pgLoss,
    stats.vLoss,
    stats.entropy,
    stats.loss,
    stats.approxKl,
    stats.oldApproxKl,
    stats.clipfrac,
    stats.kl,
  ]
  if (dump.layered) stages.push(...compareSamples(inputs, dump.layered, indices, work))
  stages.push(compareNumbers('loss means', dump.curve.subarray(0, 8), means, 1e-5))
  backwardMinibatch(first, minibatchSize, work)
  const steepest = largest(work.gradient.map(Math.abs))
  stages.push(compareNumbers('gradients', dump.gradient, work.gradient, 1e-5 * Math.max(steepest, 1e-6)))

  // Uses the GPU's gradient: near 0, Adam's step depends on the sign of the rounding error.
  const stepped = learner()
  const gradient = Float64Array.from(dump.gradient)
  adamStep(stepped.params, gradient, gradNorm(gradient), stepped.adam, hyper)
  projectLogStd(stepped.params, layout.own, layout.shape.actionDim)
  stages.push(compareNumbers('weights after one update', dump.paramsAfterStep, stepped.params, 1e-6))

  const whole = learner()
  update(whole, batch, hyper, config.updateEpochs, config.numMinibatches, select, work)
  // The whole update phase, computed separately on each side: rounding errors grow over numUpdates steps of at most
  // learningRate each.
  const limit = Math.max(2e-6, 0.002 * dump.learningRate * config.updateEpochs * config.numMinibatches)
  stages.push(compareNumbers('weights after one iteration', dump.paramsAfter, whole.params, limit))
  return stages
}
