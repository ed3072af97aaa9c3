/** What every metric of a row means: docs/metrics.md is made of it, and the columns of metrics.csv are in its order. */
import type { MetricsRow } from '../../src/metrics'

export interface Metric {
  meaning: string
  /** Symbols as docs/metrics.md explains them. */
  equation?: string
  /** The paper or program that it is taken from, as docs/metrics.md lists them. */
  source?: string
}

export const METRICS: Record<keyof MetricsRow, Metric> = {
  iteration: { meaning: '1 for the first iteration' },
  timesteps: { meaning: 'environment steps of this agent', equation: 'iteration x batchSize' },
  status: { meaning: '`running`, or why the agent stopped in this iteration: `finished`, `solved`, `notFinite`' },
  pgLoss: {
    meaning: 'policy loss',
    equation: 'mean max(-A r, -A clamp(r, 1-e, 1+e)), where A < 0 at most -A `dualClip`; penalty: mean -A r',
    source: '[PPO] eq. 7, 8',
  },
  vLoss: {
    meaning: 'value loss',
    equation: '0.5 mean max((v-R)^2, (v_old + clamp(v-v_old, -c, c) - R)^2); unclipped: 0.5 mean (v-R)^2',
    source: '[baselines]',
  },
  entropy: { meaning: 'entropy of the policy, nats', equation: 'mean H(pi(obs))', source: '[PPO] eq. 9' },
  loss: {
    meaning: 'what is minimised',
    equation: 'pgLoss - entCoef entropy + vfCoef vLoss + klCoef kl',
    source: '[PPO] eq. 9',
  },
  approxKl: {
    meaning: 'estimate of KL(old, new) with low variance, before the step',
    equation: 'mean((r - 1) - ln r)',
    source: '[KL], k3',
  },
  oldApproxKl: { meaning: 'plain estimate of KL(old, new)', equation: 'mean(-ln r)', source: '[KL], k1' },
  clipfrac: {
    meaning: 'share of samples outside the clip range',
    equation: 'mean([abs(r - 1) > e])',
    source: '[baselines]',
  },
  kl: {
    meaning: 'exact KL of the distributions, over the minibatches of the last epoch',
    equation: 'mean KL(old, new)',
    source: '[PPO] eq. 8',
  },
  gradNorm: {
    meaning: 'global gradient norm before clipping, over the minibatches stepped on',
    equation: 'sqrt(sum g^2)',
    source: '[CleanRL]',
  },
  explainedVariance: {
    meaning: "how well the rollout's values predict the returns; null when var(R) is 0",
    equation: '1 - var(R - v_old) / var(R)',
    source: '[baselines]',
  },
  learningRate: {
    meaning: 'as used in this iteration; with `adaptiveLr` that of its last minibatch',
    equation: 'learningRate x (1 - (iteration - 1) / numIterations) with `annealLr`',
    source: '[CleanRL]',
  },
  klCoef: {
    meaning: 'coefficient of the KL term in this iteration; 0 in clip mode',
    equation: 'halved when kl < targetKl / 1.5, doubled when kl > 1.5 targetKl, after each iteration',
    source: '[PPO] sec. 4',
  },
  minibatches: { meaning: 'minibatches evaluated, the one that tripped the early stop included' },
  updates: { meaning: 'optimiser steps taken', equation: 'at most updateEpochs x numMinibatches' },
  epochsDone: {
    meaning: 'whole epochs of steps: less than updateEpochs after an early stop',
    equation: 'floor(updates / numMinibatches)',
  },
  situations: { meaning: 'samples in each of the six situations below', equation: 'counts', source: '[PPO] fig. 1' },
  episodes: { meaning: 'episodes that ended in this iteration' },
  returnMean: {
    meaning: 'their raw returns: mean; null without any, as the next seven',
    equation: 'mean of the sum of rewards',
  },
  returnMin: { meaning: 'smallest' },
  returnMax: { meaning: 'largest' },
  returnStd: { meaning: 'standard deviation', equation: 'with n' },
  lengthMean: { meaning: 'their lengths in steps: mean' },
  lengthMin: { meaning: 'smallest' },
  lengthMax: { meaning: 'largest' },
  lengthStd: { meaning: 'standard deviation', equation: 'with n' },
  episodicReturn: {
    meaning: 'mean return over the fewest latest iterations that together hold 100 finished episodes; null before',
  },
  solvedAt: { meaning: "timesteps at which episodicReturn first reached the environment's threshold; null before" },
  notFinite: {
    meaning: 'the first number that was not finite (`buffer`, `step`, `env`), when status is `notFinite`',
    equation: 'buffers: [buffers](buffers.md#which-buffer-can-a-fault-name)',
  },
}

export const METRIC_NAMES = Object.keys(METRICS) as (keyof MetricsRow)[]
