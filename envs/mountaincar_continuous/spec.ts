import type { EnvSpec } from '../../src/env/contract'
import type { MountainCarState } from '../mountaincar/mountaincar'
import carPicture from '../mountaincar/picture.wgsl?raw'
import { MOUNTAIN_CAR_CONTINUOUS_PARAMS, mountainCarContinuousTwin } from './mountaincar_continuous'
import wgsl from './mountaincar_continuous.wgsl?raw'

export const mountainCarContinuous: EnvSpec<MountainCarState> = {
  id: 'MountainCarContinuous-v0',
  observations: ['position', 'velocity'],
  actionSpace: { kind: 'box', low: [-1], high: [1] },
  actions: ['force'],
  maxEpisodeSteps: 999,
  rewardThreshold: 90,
  params: MOUNTAIN_CAR_CONTINUOUS_PARAMS,
  preset: {
    numSteps: 64,
    totalTimesteps: 200_000,
    learningRate: 3e-3,
    gamma: 0.995,
    gaeLambda: 0.99,
    clipVloss: false,
    entCoef: 0,
    normObs: true,
    normReward: true,
    logStdInit: 1,
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
