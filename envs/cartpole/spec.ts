import type { EnvSpec } from '../../src/env/contract'
import { CARTPOLE_PARAMS, type CartPoleState, makeCartPoleTwin } from './cartpole'
import wgsl from './cartpole.wgsl?raw'
import reward from './reward.wgsl?raw'
import rewardSuttonBarto from './reward_sutton_barto.wgsl?raw'

/** The differences between the variants of CartPole. */
export interface CartPoleVariant {
  id: string
  /** Steps after which an episode is truncated. */
  maxEpisodeSteps: number
  /** Mean return over 100 episodes that counts as solved. */
  rewardThreshold: number | null
  /** Gymnasium's argument of that name: 0 for a step, and -1 for the one that terminates, instead of always 1. */
  suttonBartoReward?: boolean
}

/** CartPole with another id, time limit or reward. */
export const cartPoleSpec = (variant: CartPoleVariant): EnvSpec<CartPoleState> => {
  const { id, maxEpisodeSteps, rewardThreshold, suttonBartoReward = false } = variant
  return {
    id,
    observations: ['cart position', 'cart velocity', 'pole angle', 'pole angular velocity'],
    actionSpace: { kind: 'discrete', n: 2 },
    actions: ['push left', 'push right'],
    maxEpisodeSteps,
    rewardThreshold,
    params: CARTPOLE_PARAMS,
    preset: {
      numEnvs: 32,
      numSteps: 64,
      numMinibatches: 8,
      updateEpochs: 4,
      learningRate: 2.5e-3,
      entCoef: 0.005,
      clipVloss: false,
      totalTimesteps: 300_000,
      stopWhenSolved: rewardThreshold !== null,
    },
    picture: {
      frame: [-2.4, -0.8, 2.4, 2.4],
      fps: 50,
      handles: [
        { field: 'theta', label: 'pole angle, rad', min: -0.2, max: 0.2 },
        { field: 'theta_dot', label: 'push the pole, rad/s', min: -2, max: 2 },
        { field: 'x', label: 'cart position, m', min: -2.3, max: 2.3 },
        { field: 'x_dot', label: 'push the cart, m/s', min: -3, max: 3 },
      ],
    },
    wgsl,
    wgslFile: 'envs/cartpole/cartpole.wgsl',
    modules: {
      reward: suttonBartoReward
        ? { file: 'envs/cartpole/reward_sutton_barto.wgsl', source: rewardSuttonBarto }
        : { file: 'envs/cartpole/reward.wgsl', source: reward },
    },
    twin: makeCartPoleTwin(suttonBartoReward),
  }
}

export const cartPole = cartPoleSpec({ id: 'CartPole-v1', maxEpisodeSteps: 500, rewardThreshold: 475 })

export const cartPoleV0 = cartPoleSpec({ id: 'CartPole-v0', maxEpisodeSteps: 200, rewardThreshold: 195 })

/** Returns are 0 or -1 here, so no threshold is defined. */
export const cartPoleSuttonBarto = cartPoleSpec({
  id: 'CartPole-v1-sutton-barto',
  maxEpisodeSteps: 500,
  rewardThreshold: null,
  suttonBartoReward: true,
})
