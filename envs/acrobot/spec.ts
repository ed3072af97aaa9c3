import type { EnvSpec } from '../../src/env/contract'
import { ACROBOT_PARAMS, type AcrobotState, acrobotTwin } from './acrobot'
import wgsl from './acrobot.wgsl?raw'

export const acrobot: EnvSpec<AcrobotState> = {
  id: 'Acrobot-v1',
  observations: [
    'cosine of theta1',
    'sine of theta1',
    'cosine of theta2',
    'sine of theta2',
    'angular velocity of theta1',
    'angular velocity of theta2',
  ],
  actionSpace: { kind: 'discrete', n: 3 },
  actions: ['torque -1', 'no torque', 'torque 1'],
  maxEpisodeSteps: 500,
  rewardThreshold: -100,
  params: ACROBOT_PARAMS,
  preset: {
    numEnvs: 32,
    numSteps: 128,
    numMinibatches: 8,
    learningRate: 1e-3,
    gaeLambda: 0.94,
    clipVloss: false,
    totalTimesteps: 300_000,
  },
  angles: ['theta1', 'theta2'],
  // 0.2 s at 9 pi rad/s: 5e-4 of velocities up to 28 rad/s. On states that episodes reach it is 1e-6.
  tolerance: 2e-5,
  picture: {
    frame: [-2.2, -2.2, 2.2, 2.2],
    fps: 15,
    handles: [
      { field: 'theta1', label: 'first angle, rad', min: -3.1, max: 3.1 },
      { field: 'theta2', label: 'second angle, rad', min: -3.1, max: 3.1 },
      { field: 'theta1_dot', label: 'push the first link, rad/s', min: -6, max: 6 },
      { field: 'theta2_dot', label: 'push the second link, rad/s', min: -10, max: 10 },
    ],
  },
  wgsl,
  wgslFile: 'envs/acrobot/acrobot.wgsl',
  twin: acrobotTwin,
}
