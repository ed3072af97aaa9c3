import type { EnvSpec } from '../env'
import { type CartPoleState, cartPoleTwin } from './cartpole'
import wgsl from './cartpole.wgsl?raw'

export const cartPole: EnvSpec<CartPoleState> = {
  id: 'CartPole-v1',
  observations: ['cart position', 'cart velocity', 'pole angle', 'pole angular velocity'],
  actionSpace: { kind: 'discrete', n: 2 },
  actions: ['push left', 'push right'],
  maxEpisodeSteps: 500,
  rewardThreshold: 475,
  preset: {
    numEnvs: 32,
    numSteps: 64,
    numMinibatches: 8,
    updateEpochs: 4,
    learningRate: 2.5e-3,
    entCoef: 0.005,
    clipVloss: false,
    totalTimesteps: 300_000,
    stopWhenSolved: true,
  },
  wgsl,
  wgslFile: 'envs/cartpole/cartpole.wgsl',
  twin: cartPoleTwin,
}
