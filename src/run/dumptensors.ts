/** The tensors of a dump, and their shapes (src/run/dump.ts fills them). */

export interface DumpSizes {
  paramStride: number
  minibatchSize: number
  numSteps: number
  record: number
  obsStride: number
  envWords: number
  statistics: number
}

/** Those that every dump has, then those of a fault of an update, then those of a fault of the rollout. */
export const dumpShapes = (s: DumpSizes) => ({
  both: { parameters: [s.paramStride], moments: [2, s.paramStride] },
  update: {
    gradient: [s.paramStride],
    minibatch: [s.minibatchSize, s.record],
    advantage_moments: [2],
  },
  rollout: {
    records: [s.numSteps + 1, s.record],
    final_obs: [s.numSteps, s.obsStride],
    env_state: [s.envWords],
    normaliser: [s.statistics],
  },
})
