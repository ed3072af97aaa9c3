import type { EnvSpec } from '../../src/env/contract'
import { MOUNTAIN_CAR_PARAMS, type MountainCarState, mountainCarTwin } from './mountaincar'
import wgsl from './mountaincar.wgsl?raw'
import carPicture from './picture.wgsl?raw'

export const mountainCar: EnvSpec<MountainCarState> = {
  id: 'MountainCar-v0',
  observations: ['position', 'velocity'],
  actionSpace: { kind: 'discrete', n: 3 },
  actions: ['push left', 'coast', 'push right'],
  maxEpisodeSteps: 200,
  rewardThreshold: -110,
  params: MOUNTAIN_CAR_PARAMS,
  preset: {
    numEnvs: 128,
    numSteps: 32,
    numMinibatches: 8,
    learningRate: 5e-3,
    gaeLambda: 0.99,
    staggerEpisodes: true,
    clipVloss: false,
    entCoef: 0.04,
    normObs: true,
    normReward: true,
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
  wgslFile: 'envs/mountaincar/mountaincar.wgsl',
  modules: { picture: { file: 'envs/mountaincar/picture.wgsl', source: carPicture } },
  twin: mountainCarTwin,
}
