import type { Floats } from '../model/floats'

export interface GaeInputs {
  numSteps: number
  numEnvs: number
  gamma: number
  gaeLambda: number
  /** false: a time limit counts as an end (CleanRL, PureJaxRL). */
  bootstrapTruncated: boolean
  /** [numSteps][numEnvs] */
  rewards: Floats
  /** [numSteps + 1][numEnvs]; the last row is V of the observation after the last step. */
  values: Floats
  /** [numSteps][numEnvs]: V of the observation before the reset; read only where truncated and not terminated. */
  finalValues: Floats
  /** [numSteps][numEnvs], 0 or 1. */
  terminated: ArrayLike<number>
  truncated: ArrayLike<number>
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, eq. 16), backwards over steps. Writes `advantages` and
 * `returns` = advantages + values, both [numSteps][numEnvs], in the units of the rewards.
 *
 * Where an episode was truncated, gamma * V(final observation) is added to the reward (Pardo et al. 2018), unless the
 * task ended in the same step. Nothing crosses the end of an episode.
 */
export function gae(inputs: GaeInputs, advantages: Floats, returns: Floats): void {
  const { numSteps, numEnvs, gamma, gaeLambda, rewards, values, terminated, truncated } = inputs
  for (let env = 0; env < numEnvs; env++) {
    let advantage = 0
    for (let t = numSteps - 1; t >= 0; t--) {
      const at = t * numEnvs + env
      const bootstrap = inputs.bootstrapTruncated && truncated[at] && !terminated[at]
      const reward = bootstrap ? rewards[at] + gamma * inputs.finalValues[at] : rewards[at]
      const notDone = terminated[at] || truncated[at] ? 0 : 1
      const delta = reward + gamma * values[at + numEnvs] * notDone - values[at]
      advantage = delta + gamma * gaeLambda * notDone * advantage
      advantages[at] = advantage
      returns[at] = advantage + values[at]
    }
  }
}
