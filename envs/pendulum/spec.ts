import type { EnvSpec } from '../../src/env/contract'
import { PENDULUM_PARAMS, type PendulumState, pendulumTwin } from './pendulum'
import wgsl from './pendulum.wgsl?raw'

export const pendulum: EnvSpec<PendulumState> = {
  id: 'Pendulum-v1',
  observations: ['cosine of theta', 'sine of theta', 'angular velocity'],
  actionSpace: { kind: 'box', low: [-2], high: [2] },
  actions: ['torque'],
  maxEpisodeSteps: 200,
  rewardThreshold: null,
  params: PENDULUM_PARAMS,
  preset: {
    numSteps: 256,
    numMinibatches: 16,
    totalTimesteps: 400_000,
    learningRate: 3e-3,
    gamma: 0.96,
    clipVloss: false,
    entCoef: 0,
    normReward: true,
  },
  angles: ['theta'],
  picture: {
    frame: [-2.2, -2.2, 2.2, 2.2],
    fps: 30,
    handles: [
      { field: 'theta', label: 'angle, rad', min: -3.1, max: 3.1 },
      { field: 'theta_dot', label: 'push, rad/s', min: -8, max: 8 },
    ],
  },
  wgsl,
  wgslFile: 'envs/pendulum/pendulum.wgsl',
  twin: pendulumTwin,
}
