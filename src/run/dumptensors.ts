/** The tensors of a dump, and their shapes (src/run/dump.ts fills them). */

export interface DumpSizes {
  paramStride: number
  minibatchSize: number
  numSteps: number
  record: number
  obsStride: number
  /** Words of a packed observation; 0 where observations are in the records. */
  obsWords: number
  envWords: number
  statistics: number
}

/** Those that every dump has, then those of a fault of an update, then those of a fault of the rollout. */
export const dumpShapes = (s: DumpSizes) => ({
  both: { parameters: [s.paramStride], moments: [2, s.paramStride] },
  update: {
    gradient: [s.paramStride],
    minibatch: [s.minibatchSize, s.record],
    minibatch_observations: [s.minibatchSize, s.obsWords],
    advantage_moments: [2],
  },
  rollout: {
    records: [s.numSteps + 1, s.record],
    final_obs: [s.numSteps, s.obsStride],
    observations: [s.numSteps + 1, s.obsWords],
    final_observations: [s.numSteps, s.obsWords],
    env_state: [s.envWords],
    normaliser: [s.statistics],
  },
})
