import type { PpoOptions } from './options'

/** CleanRL's ppo.py, for any environment: the configuration whose published curves ours are compared with. */
export const PRESETS: Record<string, PpoOptions> = {
  cleanrl: {
    numEnvs: 4,
    numSteps: 128,
    numMinibatches: 4,
    updateEpochs: 4,
    totalTimesteps: 500_000,
    stopWhenSolved: false,
    learningRate: 2.5e-4,
    annealLr: true,
    clipCoef: 0.2,
    clipVloss: true,
    entCoef: 0.01,
    bootstrapTruncated: false,
  },
}
