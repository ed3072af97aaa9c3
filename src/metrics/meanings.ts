/**
 * What every metric of a row means: docs/metrics.md and the explanations of the lab are made of it, and the columns of
 * metrics.csv are in its order.
 */
import type { MetricsRow } from '../metrics'

export interface Metric {
  meaning: string
  /** For those that have a curve in the lab: the name in plain words, the unit, and a paragraph for readers of it. */
  title?: string
  unit?: string
  explain?: string
  /** Symbols as docs/metrics.md explains them. */
  equation?: string
  /** The paper or program that it is taken from, as docs/metrics.md lists them. */
  source?: string
}

/** The symbols of equations. */
export const SYMBOLS: Record<string, string> = {
  r: 'probability of an action now, over its probability when it was played: exp(newLogprob - logprob)',
  e: 'the clip range, `clipCoef` as annealed',
  A: 'the advantage as the loss uses it: how much better an action was than the critic expected',
  R: 'the return that the critic learns: advantage + v_old',
  v: "the critic's estimate now",
  v_old: "the critic's estimate when the action was played",
  c: 'the clip range of the value, `vfClipCoef`',
  g: 'the gradient of the loss',
  H: 'the entropy of a distribution',
  pi: 'the policy',
}

/** What the sources of metrics are called, and which they are. */
export const SOURCES: Record<string, string> = {
  PPO: 'Schulman et al. 2017, Proximal Policy Optimization Algorithms',
  KL: 'Schulman 2020, Approximating KL divergence',
  baselines: 'openai/baselines ppo2',
  CleanRL: 'Huang et al. 2022',
}

export const METRICS: Record<Exclude<keyof MetricsRow, 'own'>, Metric> = {
  iteration: { meaning: '1 for the first iteration' },
  timesteps: { meaning: 'environment steps of this agent', equation: 'iteration x batchSize' },
  status: { meaning: '`running`, or why the agent stopped in this iteration: `finished`, `solved`, `notFinite`' },
  pgLoss: {
    title: 'Policy loss',
    unit: 'loss',
    explain:
      'The clipped objective with its sign turned, so that smaller is better. Only its gradient matters: it is near 0 before every step, and its height says nothing about how good the policy is.',
    meaning: 'policy loss',
    equation: 'mean max(-A r, -A clamp(r, 1-e, 1+e)), where A < 0 at most -A `dualClip`; penalty: mean -A r',
    source: '[PPO] eq. 7, 8',
  },
  vLoss: {
    title: 'Value loss',
    unit: 'loss',
    explain:
      "How far the critic's estimates are from the returns, squared. It grows with the size of the returns, so it may rise while the policy gets better; the explained variance is the fairer measure.",
    meaning: 'value loss',
    equation: '0.5 mean max((v-R)^2, (v_old + clamp(v-v_old, -c, c) - R)^2); unclipped: 0.5 mean (v-R)^2',
    source: '[baselines]',
  },
  entropy: {
    title: 'Entropy',
    unit: 'nats',
    explain:
      "How random the policy's choices are: the logarithm of the number of actions where all are as likely, 0 where one is certain. It should fall slowly. Near 0 early, the policy has stopped exploring: raise entCoef or lower the learning rate. For continuous actions it may be below 0.",
    meaning: 'entropy of the policy, nats',
    equation: 'mean H(pi(obs))',
    source: '[PPO] eq. 9',
  },
  loss: {
    meaning: 'what is minimised',
    equation: 'pgLoss - entCoef entropy + vfCoef vLoss + klCoef kl',
    source: '[PPO] eq. 9',
  },
  approxKl: {
    title: 'KL divergence',
    unit: 'nats',
    explain:
      'How far the updates of an iteration moved the policy from the one that played, in nats. Around 0.01 is usual. Far more means steps that are too large: lower the learning rate, take fewer epochs, or set targetKl, which ends an update early.',
    meaning: 'estimate of KL(old, new) with low variance, before the step',
    equation: 'mean((r - 1) - ln r)',
    source: '[KL], k3',
  },
  oldApproxKl: { meaning: 'plain estimate of KL(old, new)', equation: 'mean(-ln r)', source: '[KL], k1' },
  clipfrac: {
    title: 'Clip fraction',
    unit: 'share',
    explain:
      'The share of samples whose probability ratio left the clip range. A few per cent up to 0.3 are usual. At 0 the clip does nothing; above a half most samples are outside, and the learning rate or the number of epochs is too high.',
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
    title: 'Gradient norm',
    unit: 'length',
    explain:
      'The length of the gradient before it is clipped to maxGradNorm. Where it is always above maxGradNorm every step has the same length, and the learning rate alone decides how far it goes.',
    meaning: 'global gradient norm before clipping, over the minibatches stepped on',
    equation: 'sqrt(sum g^2)',
    source: '[CleanRL]',
  },
  explainedVariance: {
    title: 'Explained variance',
    unit: 'share',
    explain:
      'How much of the differences between returns the critic foresaw: 1 is all, 0 no more than their mean would, below 0 less. It should rise in the first iterations. Near 0 for long, the advantages are mostly noise: raise vfCoef, or give the critic more units. It is also near 0 where all returns are the same.',
    meaning: "how well the rollout's values predict the returns; null when var(R) is 0",
    equation: '1 - var(R - v_old) / var(R)',
    source: '[baselines]',
  },
  learningRate: {
    title: 'Learning rate',
    unit: 'step size',
    explain:
      "The size of the optimiser's steps. With annealLr it falls in a straight line to 0 at the end of the run; with adaptiveLr it follows the KL divergence.",
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
    title: 'Return',
    unit: 'reward',
    explain:
      "The sum of the rewards of one episode, without discount; the curve is the mean over the episodes that ended in an iteration. It is what training tries to raise, and the number to compare with other people's. It jumps where few episodes ended. A return that stays flat for many iterations means that nothing better is found: explore more (entCoef), or change the learning rate.",
    meaning: 'their raw returns: mean; null without any, as the next seven',
    equation: 'mean of the sum of rewards',
  },
  returnMin: { meaning: 'smallest' },
  returnMax: { meaning: 'largest' },
  returnStd: { meaning: 'standard deviation', equation: 'with n' },
  lengthMean: {
    title: 'Episode length',
    unit: 'steps',
    explain:
      'How many steps an episode took until it ended or reached the time limit. Where a reward is paid for every step it rises with the return; where every step costs something it falls.',
    meaning: 'their lengths in steps: mean',
    equation: 'mean of the number of steps',
  },
  lengthMin: { meaning: 'smallest' },
  lengthMax: { meaning: 'largest' },
  lengthStd: { meaning: 'standard deviation', equation: 'with n' },
  episodicReturn: {
    title: 'Return of 100 episodes',
    unit: 'reward',
    explain:
      'The mean return of the latest 100 or more episodes. An agent counts as solved when it reaches the threshold of the environment.',
    equation: 'sum of the returns / number of the episodes',
    meaning: 'mean return over the fewest latest iterations that together hold 100 finished episodes; null before',
  },
  solvedAt: { meaning: "timesteps at which episodicReturn first reached the environment's threshold; null before" },
  evalReturnMean: {
    meaning:
      'mean raw return of the evaluation after this iteration (`evalEvery`): `evalEpisodes` episodes with deterministic actions; null where there was none',
  },
  evalReturnMin: { meaning: 'smallest of these returns' },
  evalReturnMax: { meaning: 'largest' },
  evalReturnStd: { meaning: 'their standard deviation, with n' },
  evalLengthMean: { meaning: 'mean length of these episodes in steps' },
  evalEpisodes: { meaning: 'how many episodes were evaluated' },
  evalCapped: {
    meaning:
      'episodes of the evaluation that were ended early: after 10,000 steps where the environment has no time limit, or at a number that is not finite',
  },
  notFinite: {
    meaning: 'the first number that was not finite (`buffer`, `step`, `env`), when status is `notFinite`',
    equation: 'buffers: [buffers](buffers.md#which-buffer-can-a-fault-name)',
  },
}

export const METRIC_NAMES = Object.keys(METRICS) as Exclude<keyof MetricsRow, 'own'>[]
