/**
 * PPO on the CPU, built from the twins: the GPU's training is checked against it. Same random integers, same order of
 * samples, float64 arithmetic. An iteration:
 *
 *     rollout -> gae -> update -> normalisation statistics -> control
 */

import { derivedSizes, type PpoConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { type EvaluationMetrics, evaluationMetrics, type MetricsRow, NO_EVALUATION } from '../metrics'
import { asActed } from '../model/actions'
import { distributionOf } from '../model/distributions/table'
import { initParams } from '../model/init'
import { criticDim, layoutNetwork, type NetworkLayout, networkShape } from '../model/network'
import type { LayerTwins } from '../model/twins'
import { agentConfig } from '../options/sweep'
import { takesPart } from './begin_evaluation'
import { type ControlState, control, makeControlState, remainingAt } from './control'
import { episodeStats } from './episode_stats'
import { evaluate } from './evaluate'
import { explainedVariance } from './explained_variance'
import { FAST_TWINS } from './fast/twins'
import { gae } from './gae'
import { minibatchIndices } from './gather'
import { health } from './health'
import { type BestPolicy, keepBest, noBest } from './keep_best'
import { type Batch, makeWorkspace, type Workspace } from './minibatch'
import { makeNormaliser, type Normaliser } from './normaliser'
import { collectRollout, makeRollout, type Rollout } from './rollout'
import { shuffleKeys } from './shuffle'
import { type Learner, type MinibatchResult, makeLearner, update, updateHyper } from './update'
import { updateNormaliser } from './update_normaliser'

/** One independent learner. */
export interface ReferenceAgent<S> {
  /** With its own seed and hyperparameters. */
  config: PpoConfig
  learner: Learner
  rollout: Rollout<S>
  batch: Batch
  control: ControlState
  /** Null without normalisation. */
  normaliser: Normaliser | null
  /** The minibatches of the latest iteration, in order. */
  results: MinibatchResult[]
  /** With `evalEvery`, its best policy so far. */
  best: BestPolicy
  /** Its last row; null before the first iteration. */
  row: MetricsRow | null
}

export interface ReferencePpo<S> {
  layout: NetworkLayout
  agents: ReferenceAgent<S>[]
  /** Shared by the agents: after an update, all intermediate results of its last minibatch. */
  work: Workspace
  /** One iteration of every running agent. One row per agent; a stopped agent repeats its last. */
  iterate(): MetricsRow[]
  /** Current padded parameters of an agent, [paramStride]. Not a copy. */
  params(agent: number): Float64Array
  /** Whether every agent has stopped. */
  readonly done: boolean
}

/** The shapes of actor and critic for an environment. */
export function layoutFor<S>(spec: EnvSpec<S>, config: PpoConfig): NetworkLayout {
  return layoutNetwork(networkShape(spec, config))
}

/**
 * Creates numAgents learners; agent k's seed is seed + k.
 * @param firstParams Initial parameters of each agent; default `initParams`.
 * @param twins How the layers are computed: default the fast baseline; TWINS are the plain loops, with bit-identical
 * results.
 * @throws if the environment has no CPU twin.
 */
export function createReferencePpo<S>(
  given: EnvSpec<S>,
  config: PpoConfig,
  firstParams?: Float32Array[],
  twins: LayerTwins = FAST_TWINS,
): ReferencePpo<S> {
  const spec = asActed(given, config)
  const { numSteps, numEnvs, numAgents, updateEpochs, numMinibatches } = config
  const { batchSize, minibatchSize } = derivedSizes(config)
  const layout = layoutFor(spec, config)
  const work = makeWorkspace(layout, minibatchSize, true)
  const indices = new Uint32Array(minibatchSize)

  const agents = Array.from({ length: numAgents }, (_, k): ReferenceAgent<S> => {
    const own = agentConfig(config, k)
    const { seed } = own
    const learner = makeLearner(layout, Float64Array.from(firstParams?.[k] ?? initParams(layout, own)), twins)
    const { staggerEpisodes, envParams } = own
    const rollout = makeRollout(spec, layout, numSteps, numEnvs, seed, staggerEpisodes, twins, envParams, own)
    const batch: Batch = {
      size: batchSize,
      obs: rollout.obs,
      actions: rollout.actions,
      masks: rollout.masks,
      logprobs: rollout.logprobs,
      values: rollout.values,
      advantages: new Float64Array(batchSize),
      returns: new Float64Array(batchSize),
      oldOut: rollout.out,
      oldOwn: rollout.oldOwn,
    }
    const normaliser = makeNormaliser(own, criticDim(layout.shape), numEnvs)
    const state = { control: makeControlState(own), best: noBest(), results: [], row: null }
    return { config: own, learner, rollout, batch, normaliser, ...state }
  })

  function iterateAgent(agent: ReferenceAgent<S>): MetricsRow {
    const { config: own, learner, rollout, batch, normaliser } = agent
    const { seed } = own
    const { iteration, klCoef, learningRate } = agent.control
    collectRollout(spec, layout, learner.params, seed, iteration, rollout, normaliser)
    gae({ ...own, ...rollout }, batch.advantages, batch.returns)
    const notFinite = health({
      ...layout.shape,
      obsDim: criticDim(layout.shape),
      ...rollout,
      ...batch,
      ...distributionOf(layout.shape),
      logits: rollout.out,
    })

    const hyper = updateHyper(own, learningRate, klCoef, remainingAt(own, iteration + 1))
    const select = (epoch: number, minibatch: number) => {
      minibatchIndices(minibatch, batchSize, shuffleKeys(seed, iteration, epoch), indices)
      return indices
    }
    agent.results = notFinite ? [] : update(learner, batch, hyper, updateEpochs, numMinibatches, select, work)

    if (normaliser && !notFinite) updateNormaliser(normaliser)

    const row = control(agent.control, own, {
      results: agent.results,
      episodes: episodeStats(rollout.slots.map((slot) => slot.episode)),
      explainedVariance: notFinite ? null : explainedVariance(batch.returns, rollout.values, batchSize),
      notFinite,
      rewardThreshold: spec.rewardThreshold,
    })
    return { ...row, ...evaluateAgent(agent) }
  }

  /** The evaluation after this iteration, if one is due. */
  function evaluateAgent({ config: own, learner, control, normaliser, best }: ReferenceAgent<S>): EvaluationMetrics {
    const { iteration, status } = control
    if (own.evalEvery === 0 || !takesPart(iteration, status, own.evalEvery, best)) return NO_EVALUATION
    const stats = normaliser?.stats ?? null
    const evaluated = evaluationMetrics(evaluate(spec, layout, learner.params, stats, own, twins))
    keepBest(best, iteration, evaluated.evalReturnMean!, learner.params, stats)
    return evaluated
  }

  return {
    layout,
    agents,
    work,
    iterate: () =>
      agents.map((agent) => {
        if (agent.control.status === 'running') agent.row = iterateAgent(agent)
        return agent.row!
      }),
    params: (agent) => agents[agent].learner.params,
    get done() {
      return agents.every((agent) => agent.control.status !== 'running')
    },
  }
}
