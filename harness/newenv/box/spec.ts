import type { EnvSpec } from 'ppo-webgpu'
import { type NewEnvState, newEnvTwin } from './twin'
import wgsl from './world.wgsl?raw'

export const newEnv: EnvSpec<NewEnvState> = {
  id: 'NewEnv-v0',
  observations: ['x', 'goal'],
  actionSpace: { kind: 'box', low: [-1], high: [1] },
  actions: ['speed'],
  maxEpisodeSteps: 40,
  rewardThreshold: null,
  preset: { numEnvs: 32, numSteps: 64, numMinibatches: 8, learningRate: 2.5e-3, totalTimesteps: 60_000 },
  wgsl,
  wgslFile: 'new-env/new-env.wgsl',
  picture: {
    frame: [-1.4, -0.5, 1.4, 0.5],
    fps: 10,
    handles: [
      { field: 'x', label: 'x', min: -1, max: 1 },
      { field: 'goal', label: 'goal', min: -1, max: 1 },
    ],
  },
  twin: newEnvTwin,
}
