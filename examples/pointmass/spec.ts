import type { EnvSpec } from 'ppo-webgpu'
import { type PointMassState, pointMassTwin } from './pointmass'
import wgsl from './pointmass.wgsl?raw'

export const pointMass: EnvSpec<PointMassState> = {
  id: 'PointMass-v0',
  observations: ['x', 'y', 'velocity along x', 'velocity along y'],
  actionSpace: { kind: 'box', low: [-1, -1], high: [1, 1] },
  actions: ['force along x', 'force along y'],
  maxEpisodeSteps: 100,
  rewardThreshold: null,
  preset: {
    numEnvs: 32,
    numSteps: 64,
    numMinibatches: 8,
    learningRate: 1e-3,
    clipVloss: false,
    entCoef: 0,
    totalTimesteps: 100_000,
  },
  wgsl,
  wgslFile: 'examples/pointmass/pointmass.wgsl',
  twin: pointMassTwin,
}
