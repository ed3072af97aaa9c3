import type { EnvSpec } from '../env'
import type { MountainCarState } from '../mountaincar/mountaincar'
import carPicture from '../mountaincar/picture.wgsl?raw'
import { mountainCarContinuousTwin } from './mountaincar_continuous'
import wgsl from './mountaincar_continuous.wgsl?raw'

export const mountainCarContinuous: EnvSpec<MountainCarState> = {
  id: 'MountainCarContinuous-v0',
  observations: ['position', 'velocity'],
  actionSpace: { kind: 'box', low: [-1], high: [1] },
  actions: ['force'],
  maxEpisodeSteps: 999,
  rewardThreshold: 90,
  preset: {
    numEnvs: 128,
    numSteps: 128,
    numMinibatches: 16,
    updateEpochs: 10,
    learningRate: 3e-4,
    gamma: 0.9999,
    gaeLambda: 0.9,
    clipCoef: 0.1,
    clipVloss: false,
    entCoef: 0.00429,
    vfCoef: 0.19,
    maxGradNorm: 5,
    totalTimesteps: 1_000_000,
    stopWhenSolved: true,
  },
  picture: {
    frame: [-1.2, 0, 0.6, 1.2],
    fps: 30,
    handles: [
      { field: 'position', label: 'position', min: -1.1, max: 0.4 },
      { field: 'velocity', label: 'push, per step', min: -0.07, max: 0.07 },
    ],
  },
  wgsl,
  wgslFile: 'envs/mountaincar_continuous/mountaincar_continuous.wgsl',
  modules: { picture: { file: 'envs/mountaincar/picture.wgsl', source: carPicture } },
  twin: mountainCarContinuousTwin,
}
