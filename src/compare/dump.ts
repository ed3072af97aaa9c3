/** One iteration on the GPU: the results of each stage. */

/** One iteration of agent 0, stage by stage. Layouts as in src/plan/buffers.ts. */
export interface StageDump {
  /** Completed iterations before this one, and optimiser steps. */
  iteration: number
  adamStep: number
  learningRate: number
  klCoef: number
  /** Fraction of the run that is left at the beginning of the iteration; 1 in the first. */
  remaining: number
  /** [paramStride] before the iteration, after its first optimiser step, and at its end. */
  paramsBefore: Float32Array
  paramsAfterStep: Float32Array
  paramsAfter: Float32Array
  /** [2][paramStride]: Adam's m and v before the iteration. */
  moments: Float32Array
  /** [numSteps + 1][numEnvs][words of EnvState]: the states before each step, and after the last. */
  envStates: Uint32Array
  /** [numEnvs]: steps of the running episodes before the iteration, including those skipped by staggering. */
  episodicLengths: Float32Array
  /** Global step of the first observation of each environment's episode, [numEnvs]. */
  resetSteps: Uint32Array
  /**
   * The buffer `normaliser` (src/model/normaliser.ts) before the iteration and at its end; empty without normalisation.
   */
  normaliserBefore: Float32Array
  normaliserAfter: Float32Array
  /** [numSteps + 1][numEnvs][record]: the rollout, with advantages and returns. */
  transitions: Float32Array
  /** As the networks see them, [numSteps + 1][numEnvs][round4(criticDim)]. */
  obs: Float32Array
  /** [numSteps][numEnvs][round4(criticDim)] */
  finalObs: Float32Array
  /** [numEnvs]: values of the observations after the last step. */
  nextValues: Float32Array
  /** What the fused plan does not store. */
  layered: LayeredDump | null
  /** Of the first minibatch. */
  gradient: Float32Array
  /** [update][9] as in UpdateResult.curve. */
  curve: Float32Array
}

/** What only the layered plan stores. */
export interface LayeredDump {
  /** [numSteps][numEnvs]: values of the final observations. */
  finalValues: Float32Array | null
  /** Of the first minibatch: records [row][record]; newLogprob, ratio, entropy, value per row. */
  minibatch: Float32Array
  /** Its observations where they are not in the records, [row][round4(criticDim)]; else empty. */
  minibatchObs: Float32Array
  newLogprob: Float32Array
  ratio: Float32Array
  entropy: Float32Array
  newValue: Float32Array
}

/** Per sample of the last minibatch, in its order. */
export interface SampleResult {
  newLogprob: Float32Array
  ratio: Float32Array
  entropyPerSample: Float32Array
  newValue: Float32Array
  /** [n][actionDim] */
  out: Float32Array
}

export interface UpdateResult {
  /** Null in the fused plan, which stores nothing per sample. */
  samples: SampleResult | null
  /** Padded gradient of the last minibatch before clipping. */
  gradient: Float32Array
  /** Padded parameters after the last minibatch's step. */
  params: Float32Array
  /** One row per minibatch: pgLoss, vLoss, entropy, loss, approxKl, oldApproxKl, clipfrac, kl, gradNorm. */
  curve: Float32Array
}
