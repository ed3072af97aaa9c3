import type { NotFinite } from '../metrics'
import type { Floats } from './floats'

/** One agent's rollout, step by step; padding is not looked at. */
export interface HealthInputs {
  numSteps: number
  numEnvs: number
  obsDim: number
  actionDim: number
  /** [numSteps][numEnvs][obsStride] */
  obs: Floats
  obsStride: number
  /** Logits or means, [numSteps][numEnvs][outStride]. */
  logits: Floats
  outStride: number
  /** [numSteps][numEnvs] */
  values: Floats
  rewards: Floats
}

/**
 * The first number that is not finite: the earliest step, then the lowest environment, then obs, logits, values,
 * rewards, the order in which they come about. Null when all are finite. (The kernel looks at the bits: WGSL may assume
 * that comparisons see no NaN.)
 */
export function health(inputs: HealthInputs): NotFinite | null {
  const { numSteps, numEnvs, obsDim, actionDim, obsStride, outStride } = inputs
  const allFinite = (values: Floats, first: number, count: number): boolean => {
    for (let i = first; i < first + count; i++) if (!Number.isFinite(values[i])) return false
    return true
  }
  for (let step = 0; step < numSteps; step++) {
    for (let env = 0; env < numEnvs; env++) {
      const at = step * numEnvs + env
      if (!allFinite(inputs.obs, at * obsStride, obsDim)) return { buffer: 'obs', step, env }
      if (!allFinite(inputs.logits, at * outStride, actionDim)) return { buffer: 'logits', step, env }
      if (!allFinite(inputs.values, at, 1)) return { buffer: 'values', step, env }
      if (!allFinite(inputs.rewards, at, 1)) return { buffer: 'rewards', step, env }
    }
  }
  return null
}
