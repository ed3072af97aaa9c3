import type { StructValue } from './gpu/reflect'

/** What one agent's iteration reports. Defined in one table in the README; the same on GPU and CPU reference. */
export interface MetricsRow {
  /** 1 for the first iteration. */
  iteration: number
  /** iteration x batchSize. */
  timesteps: number
  /** `running`, or why this agent stopped in this iteration. */
  status: 'running' | 'finished' | 'solved' | 'notFinite'
  /** Means over the minibatches evaluated. */
  pgLoss: number
  vLoss: number
  entropy: number
  loss: number
  approxKl: number
  oldApproxKl: number
  clipfrac: number
  /** Exact KL(old||new), mean over the evaluated minibatches of the last epoch. */
  kl: number
  /** Global gradient norm before clipping, mean over the minibatches that were stepped on. */
  gradNorm: number
  /** 1 - var(returns - values) / var(returns); null when var(returns) is 0. */
  explainedVariance: number | null
  /** As used in this iteration; with `adaptiveLr` that of its last minibatch. */
  learningRate: number
  klCoef: number
  /** Minibatches evaluated, the one that tripped the early stop included. */
  minibatches: number
  /** Optimiser steps taken. */
  updates: number
  /** Whole epochs of them: updateEpochs unless an early stop cut the update short. */
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
  /** Mean return over the fewest latest iterations that together hold at least 100 finished episodes; null before. */
  episodicReturn: number | null
  /** Timesteps at which episodicReturn first reached the environment's threshold; null before. */
  solvedAt: number | null
  /** What was found not finite, when status is `notFinite`. */
  notFinite: NotFinite | null
}

/** The first number that was not finite. */
export interface NotFinite {
  buffer: (typeof HEALTH_BUFFERS)[number]
  /**
   * Step of the rollout, from 0: slot t holds obs[t], and what the action of step t caused. An observation may stand in
   * the slot after the last step. For gradients and parameters the optimiser step of the iteration, from 0.
   */
  step: number
  /** The environment; 0 for gradients and parameters. */
  env: number
}

/**
 * What is looked at, in the order in which a bad number spreads. `states` are the environment's own after the step,
 * `finalObs` the last observation of an episode, `advantages` also returns, `parameters` also Adam's moments. Last,
 * because it is no number: `masks`, where a mask allows no choice of a part of the action.
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

const STATUS = ['running', 'finished', 'solved', 'notFinite'] as const

/** Episodes over which `episodicReturn` is a mean, and with which the environment counts as solved. */
export const RETURN_WINDOW = 100

type Raw = { [field: string]: StructValue }

/**
 * A metrics row from the GPU's record `Metrics` (shaders/lib/data/metrics.wgsl), with names and nulls. Null when the agent had
 * stopped before the iteration.
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
    notFinite: n.badBuffer ? { buffer: HEALTH_BUFFERS[n.badBuffer - 1], step: n.badStep, env: n.badEnv } : null,
  }
}
