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
  /** Exact KL(old||new), mean over the last epoch's evaluated minibatches; 0 in clip mode. */
  kl: number
  /** Global gradient norm before clipping. */
  gradNorm: number
  /** 1 - var(returns - values) / var(returns); null when var(returns) is 0. */
  explainedVariance: number | null
  /** As used in this iteration. */
  learningRate: number
  klCoef: number
  /** Minibatches evaluated, the one that tripped the early stop included. */
  minibatches: number
  /** Optimiser steps taken. */
  updates: number
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
}

/** Episodes over which `episodicReturn` is a mean, and with which the environment counts as solved. */
export const RETURN_WINDOW = 100
