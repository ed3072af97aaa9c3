import type { StructValue } from './gpu/reflect'

/** The metrics of one iteration of one agent; the same on GPU and CPU reference. docs/metrics.md defines each. */
export interface MetricsRow {
  /** 1 for the first iteration. */
  iteration: number
  /** iteration x batchSize. */
  timesteps: number
  /** `running`, or why this agent stopped in this iteration. */
  status: 'running' | 'finished' | 'solved' | 'notFinite'
  /** Means over the evaluated minibatches. */
  pgLoss: number
  vLoss: number
  entropy: number
  loss: number
  approxKl: number
  oldApproxKl: number
  clipfrac: number
  /** Exact KL(old||new), mean over the evaluated minibatches of the last epoch. */
  kl: number
  /** Global gradient norm before clipping, mean over the minibatches with an optimiser step. */
  gradNorm: number
  /** 1 - var(returns - values) / var(returns); null if the returns do not vary. */
  explainedVariance: number | null
  /** As used in this iteration; with `adaptiveLr` that of its last minibatch. */
  learningRate: number
  klCoef: number
  /** Evaluated minibatches, including the one that caused the early stop. */
  minibatches: number
  /** Optimiser steps taken. */
  updates: number
  /** Complete epochs of updates: updateEpochs unless there was an early stop. */
  epochsDone: number
  /** Samples in each situation of the clipped objective: ratio below, inside, above the range, for A >= 0, then A < 0. */
  situations: [number, number, number, number, number, number]
  /** Episodes that ended in this iteration, and their raw returns and lengths; null without any. */
  episodes: number
  returnMean: number | null
  returnMin: number | null
  returnMax: number | null
  returnStd: number | null
  lengthMean: number | null
  lengthMin: number | null
  lengthMax: number | null
  lengthStd: number | null
  /** Mean return over the fewest latest iterations that together have at least 100 finished episodes; null before. */
  episodicReturn: number | null
  /** Timesteps at which episodicReturn first reached the environment's threshold; null before. */
  solvedAt: number | null
  /**
   * The evaluation after this iteration (`evalEvery`): raw returns and lengths of `evalEpisodes` episodes with
   * deterministic actions, in environments of their own; null where there was none.
   */
  evalReturnMean: number | null
  evalReturnMin: number | null
  evalReturnMax: number | null
  evalReturnStd: number | null
  evalLengthMean: number | null
  evalEpisodes: number | null
  /** Of these, those that were ended before the task or its time limit ended them. */
  evalCapped: number | null
  /** The first fault, if status is `notFinite`. */
  notFinite: NotFinite | null
  /** The metrics of the caller, by name, where it gave any. */
  own?: Record<string, number | null>
}

export type EvaluationMetrics = Pick<
  MetricsRow,
  | 'evalReturnMean'
  | 'evalReturnMin'
  | 'evalReturnMax'
  | 'evalReturnStd'
  | 'evalLengthMean'
  | 'evalEpisodes'
  | 'evalCapped'
>

/** Of an iteration without an evaluation. */
export const NO_EVALUATION: EvaluationMetrics = {
  evalReturnMean: null,
  evalReturnMin: null,
  evalReturnMax: null,
  evalReturnStd: null,
  evalLengthMean: null,
  evalEpisodes: null,
  evalCapped: null,
}

/** The first fault: a non-finite value, or a mask that allows no choice. */
export interface NotFinite {
  buffer: (typeof HEALTH_BUFFERS)[number]
  /**
   * Step of the rollout, from 0: slot t has obs[t] and the results of the action of step t; an observation may also be
   * in the slot after the last step. For gradients and parameters the optimiser step of the iteration, from 0.
   */
  step: number
  /** The environment; 0 for gradients and parameters. */
  env: number
}

/**
 * What is checked, in the order in which a non-finite value spreads. `states` are the environment's own after the step,
 * `finalObs` the last observation of an episode, `advantages` also returns, `parameters` also Adam's moments. Last,
 * because it is not a number: `masks`, if a mask allows no choice of a part of the action.
 */
export const HEALTH_BUFFERS = [
  'obs',
  'logits',
  'actions',
  'logprobs',
  'values',
  'states',
  'rewards',
  'finalObs',
  'advantages',
  'gradients',
  'parameters',
  'masks',
] as const

/** An episode of an evaluation. */
export interface EvaluatedEpisode {
  return: number
  length: number
  /** It was ended before the task or its time limit ended it. */
  capped: boolean
}

/** The metrics of an evaluation; the deviation divides by n. */
export function evaluationMetrics(episodes: readonly EvaluatedEpisode[]): EvaluationMetrics {
  const n = episodes.length
  const mean = (of: (episode: EvaluatedEpisode) => number) => episodes.reduce((sum, e) => sum + of(e), 0) / n
  const evalReturnMean = mean((e) => e.return)
  return {
    evalReturnMean,
    evalReturnMin: episodes.reduce((least, e) => Math.min(least, e.return), Infinity),
    evalReturnMax: episodes.reduce((most, e) => Math.max(most, e.return), -Infinity),
    evalReturnStd: Math.sqrt(mean((e) => (e.return - evalReturnMean) ** 2)),
    evalLengthMean: mean((e) => e.length),
    evalEpisodes: n,
    evalCapped: episodes.filter((e) => e.capped).length,
  }
}

const STATUS = ['running', 'finished', 'solved', 'notFinite'] as const

/** Episodes over which `episodicReturn` is a mean, and which decide whether the environment is solved. */
export const RETURN_WINDOW = 100

type Raw = { [field: string]: StructValue }

/**
 * A metrics row, with names and nulls, from the GPU's record `Metrics` (shaders/lib/data/metrics.wgsl). Null if the
 * agent had stopped before the iteration.
 */
export function metricsRow(raw: Raw, batchSize: number): MetricsRow | null {
  const n = raw as Record<string, number>
  if (n.iteration === 0) return null
  const rollout = raw.rollout as Record<string, number>
  const episodes = rollout.episodes
  const some = (value: number): number | null => (episodes > 0 ? value : null)
  return {
    iteration: n.iteration,
    timesteps: n.iteration * batchSize,
    status: STATUS[n.status],
    pgLoss: n.pgLoss,
    vLoss: n.vLoss,
    entropy: n.entropy,
    loss: n.loss,
    approxKl: n.approxKl,
    oldApproxKl: n.oldApproxKl,
    clipfrac: n.clipfrac,
    kl: n.kl,
    gradNorm: n.gradNorm,
    explainedVariance: rollout.explained ? rollout.explainedVariance : null,
    learningRate: n.learningRate,
    klCoef: n.klCoef,
    minibatches: n.minibatches,
    updates: n.updates,
    epochsDone: n.epochsDone,
    situations: raw.situations as MetricsRow['situations'],
    episodes,
    returnMean: some(rollout.returnMean),
    returnMin: some(rollout.returnMin),
    returnMax: some(rollout.returnMax),
    returnStd: some(Math.sqrt(rollout.returnM2 / episodes)),
    lengthMean: some(rollout.lengthMean),
    lengthMin: some(rollout.lengthMin),
    lengthMax: some(rollout.lengthMax),
    lengthStd: some(Math.sqrt(rollout.lengthM2 / episodes)),
    episodicReturn: n.windowEpisodes >= RETURN_WINDOW ? n.windowReturn : null,
    solvedAt: n.solvedAt > 0 ? n.solvedAt * batchSize : null,
    ...NO_EVALUATION,
    notFinite: n.badBuffer ? { buffer: HEALTH_BUFFERS[n.badBuffer - 1], step: n.badStep, env: n.badEnv } : null,
  }
}
