/** The episodes in which policies are evaluated while they train (`evalEvery`). */
import type { AnyEnvSpec } from './contract'

/** Added to an agent's seed: no other agent trains with the key, and `eval` and `learn` play other episodes. */
export const EVALUATION_KEY = 2_000_000

/** Steps after which an episode is ended where the environment has no time limit. */
export const EVALUATION_CAP = 10_000

/** The most steps of an episode. */
export const evaluationSteps = ({ maxEpisodeSteps }: Pick<AnyEnvSpec, 'maxEpisodeSteps'>): number =>
  maxEpisodeSteps ?? EVALUATION_CAP

export const isEvaluated = ({ evalEvery }: { evalEvery: number }): boolean => evalEvery > 0
