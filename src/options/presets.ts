import type { PpoOptions } from './options'

/**
 * Configurations of other people, for any environment, whose published curves ours are compared with. `cleanrl`:
 * CleanRL's ppo.py. `paper`: openai/baselines' ppo1 on MuJoCo (run_mujoco.py), with which the figures of Schulman et al.
 * 2017 were made; docs/results.md lists what differs.
 */
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
  paper: {
    numEnvs: 1,
    numSteps: 2048,
    numMinibatches: 32,
    updateEpochs: 10,
    totalTimesteps: 1_000_000,
    stopWhenSolved: false,
    hidden: [64, 64],
    activation: 'tanh',
    learningRate: 3e-4,
    annealLr: true,
    adamEps: 1e-5,
    maxGradNorm: 1e9,
    clipCoef: 0.2,
    annealClipCoef: true,
    clipVloss: false,
    // ppo1's value loss has no factor 1/2.
    vfCoef: 2,
    entCoef: 0,
    gamma: 0.99,
    gaeLambda: 0.95,
    normObs: true,
    normReward: false,
    normAdv: true,
    normAdvOver: 'batch',
    bootstrapTruncated: false,
  },
}
