/** Which agents take part in an evaluation, and the random key of each. */
import { EVALUATION_KEY } from '../env/evaluation'
import type { MetricsRow } from '../metrics'

/** Of one agent. */
export interface Best {
  /** Iteration of its latest evaluation; 0: none. */
  evaluatedAt: number
  /** Iteration of its best policy; 0: none. */
  iteration: number
  returnMean: number
}

/**
 * Whether an agent is evaluated: it has trained since its latest evaluation, up to an iteration with one, and has no fault.
 * @param iteration Iterations that it has trained.
 */
export const takesPart = (
  iteration: number,
  status: MetricsRow['status'],
  every: number,
  best: Pick<Best, 'evaluatedAt'>,
): boolean => iteration % every === 0 && iteration > best.evaluatedAt && status !== 'notFinite'

/** The seed of its episodes. */
export const evaluationSeed = (seed: number): number => (seed + EVALUATION_KEY) >>> 0
