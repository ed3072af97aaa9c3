/** Presets of the planar robots' tasks. */
import type { PpoOptions } from '../../src/options/options'

/**
 * What most libraries share for these tasks (minibatches of 64, 10 epochs, 3e-4 annealed, normalised observations and
 * rewards), with more environments and shorter rollouts.
 */
export const PLANAR_PRESET: PpoOptions = {
  numEnvs: 32,
  numSteps: 64,
  numMinibatches: 32,
  updateEpochs: 10,
  learningRate: 3e-4,
  gamma: 0.99,
  gaeLambda: 0.95,
  entCoef: 0,
  clipVloss: false,
  normObs: true,
  normReward: true,
  totalTimesteps: 1_000_000,
}

/** Less noise at first and a slower critic, as in Tianshou's settings for these tasks. */
export const STEADY_PRESET: PpoOptions = { ...PLANAR_PRESET, vfCoef: 0.25, logStdInit: -0.5 }

/** A stroke of a swimmer pays off only after seconds. */
export const SWIMMER_PRESET: PpoOptions = {
  ...PLANAR_PRESET,
  numEnvs: 16,
  numSteps: 256,
  numMinibatches: 16,
  learningRate: 6e-4,
  gamma: 0.9999,
  gaeLambda: 0.98,
}

/** About what figure 3 of the paper shows at its end, read from the figure. */
export const paper = (score: number) => ({
  score,
  label: `Schulman et al. 2017, 1 M steps: about ${score}`,
})
