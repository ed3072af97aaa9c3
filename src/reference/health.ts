import type { NotFinite } from '../metrics'
import { allFinite, type Floats } from '../model/floats'
import { FAULT, someChoice } from './faults'

/** One agent's rollout, step by step; padding is not checked. */
export interface HealthInputs {
  numSteps: number
  numEnvs: number
  /** Numbers of an observation, with the privileged ones. */
  obsDim: number
  actionDim: number
  /** [numSteps + 1][numEnvs][obsStride] */
  obs: Floats
  obsStride: number
  /** Logits or means, [numSteps][numEnvs][outStride]. */
  logits: Floats
  outStride: number
  /** [numSteps][numEnvs][actionStride], of which `actionCount` are numbers. */
  actions: Floats
  actionStride: number
  actionCount: number
  /** [numSteps][numEnvs] */
  logprobs: Floats
  /** [numSteps + 1][numEnvs] */
  values: Floats
  /** [numSteps][numEnvs] */
  terminated: ArrayLike<number>
  truncated: ArrayLike<number>
  /** Bits of FAULT. */
  faults: ArrayLike<number>
  /** [numSteps][numEnvs][actionDim], of which `parts` are the choices of each part; null without masks. */
  masks: Floats | null
  parts: readonly number[]
  rewards: Floats
  /** [numSteps][numEnvs][obsStride], read where an episode ended. */
  finalObs: Floats
  advantages: Floats
  returns: Floats
}

/**
 * The first fault: a value that f32 cannot represent, or a mask that forbids all choices of a part. First means: the
 * earliest step, then the lowest environment, then the order of HEALTH_BUFFERS. Advantages and returns come last, and
 * of those the latest step and highest environment: they spread backwards. Null if there is no fault. (The kernel tests
 * bits: WGSL may assume that comparisons see no NaN.)
 */
export function health(inputs: HealthInputs): NotFinite | null {
  const { numSteps, numEnvs } = inputs
  const batch = numSteps * numEnvs
  const place = (at: number) => ({ step: Math.floor(at / numEnvs), env: at % numEnvs })
  for (let at = 0; at < batch + numEnvs; at++) {
    const buffer = badBuffer(inputs, at, at < batch)
    if (buffer) return { buffer, ...place(at) }
  }
  for (let at = batch - 1; at >= 0; at--) {
    if (!allFinite(inputs.advantages, at, 1) || !allFinite(inputs.returns, at, 1)) {
      return { buffer: 'advantages', ...place(at) }
    }
  }
  return null
}

/** The kind of fault of row `at`; the rows after the last step have only an observation and its value. */
function badBuffer(inputs: HealthInputs, at: number, isStep: boolean): NotFinite['buffer'] | null {
  const { obsDim, actionDim, obsStride, outStride, actionStride, actionCount, terminated, truncated } = inputs
  if (!allFinite(inputs.obs, at * obsStride, obsDim)) return 'obs'
  if (isStep) {
    if (inputs.masks && !someChoice(inputs.masks, at * actionDim, inputs.parts)) return 'masks'
    if (!allFinite(inputs.logits, at * outStride, actionDim)) return 'logits'
    if (!allFinite(inputs.actions, at * actionStride, actionCount)) return 'actions'
    if (!allFinite(inputs.logprobs, at, 1)) return 'logprobs'
  }
  if (!allFinite(inputs.values, at, 1)) return 'values'
  if (!isStep) return null
  if (inputs.faults[at] & FAULT.stateNotFinite) return 'states'
  if (!allFinite(inputs.rewards, at, 1)) return 'rewards'
  const ended = terminated[at] || truncated[at]
  return ended && !allFinite(inputs.finalObs, at * obsStride, obsDim) ? 'finalObs' : null
}
