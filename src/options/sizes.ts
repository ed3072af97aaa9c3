import type { PpoConfig } from './options'

/** Sizes that follow from a configuration. */
export interface DerivedSizes {
  /** numEnvs x numSteps: transitions of one agent in one iteration. */
  batchSize: number
  minibatchSize: number
  /** floor(totalTimesteps / batchSize). */
  numIterations: number
  /** updateEpochs x numMinibatches: optimiser steps in one iteration. */
  numUpdates: number
}

/** Sizes that follow from `config`. */
export function derivedSizes(config: PpoConfig): DerivedSizes {
  const batchSize = config.numEnvs * config.numSteps
  return {
    batchSize,
    minibatchSize: Math.floor(batchSize / config.numMinibatches),
    numIterations: Math.floor(config.totalTimesteps / batchSize),
    numUpdates: config.updateEpochs * config.numMinibatches,
  }
}
