/**
 * One transition as the GPU stores it: a padded record of floats. This is the one home of its layout; the kernels get
 * it as constants through the slot `record`.
 */
import type { Slot } from '../gpu/link'
import { type NetworkShape, round4 } from '../model/network'

export interface RecordLayout {
  /** Floats of a padded observation, and of a padded policy output. */
  obsStride: number
  outStride: number
  /** Numbers stored per action: 1 index, or one number per dimension. */
  actionCount: number
  /** Offsets in a record, in floats. */
  obs: number
  /** Logits or means of the behaviour policy. */
  oldOut: number
  /** Log standard deviations of the behaviour policy; Gaussians only. */
  oldLogStd: number
  action: number
  logprob: number
  value: number
  advantage: number
  return: number
  reward: number
  /** 1 or 0, as floats: the task ended, the time limit was reached; `terminated` also tells of faults, flags.wgsl. */
  terminated: number
  truncated: number
  /** Floats from one record to the next; a multiple of 4. */
  stride: number
}

export function recordLayout(shape: NetworkShape): RecordLayout {
  const gaussian = shape.dist === 'gaussian'
  let next = 0
  const take = (floats: number): number => (next += floats) - floats
  const obsStride = round4(shape.obsDim)
  const outStride = round4(shape.actionDim)
  const actionCount = gaussian ? shape.actionDim : 1
  const fields = {
    obs: take(obsStride),
    oldOut: take(outStride),
    oldLogStd: take(gaussian ? outStride : 0),
    action: take(actionCount),
    logprob: take(1),
    value: take(1),
    advantage: take(1),
    return: take(1),
    reward: take(1),
    terminated: take(1),
    truncated: take(1),
  }
  return { obsStride, outStride, actionCount, ...fields, stride: round4(next) }
}

/**
 * The slots `record`, for every kernel that touches transitions, and `shape`, for those that know the policy. In a kernel
 * with an environment the dimensions are the environment's own.
 */
export function recordSlots(shape: NetworkShape, withEnv: boolean): { record: Slot; shape: Slot } {
  const r = recordLayout(shape)
  const constants: Record<string, number> = {
    OBS_STRIDE: r.obsStride,
    OUT_STRIDE: r.outStride,
    AT_OBS: r.obs,
    AT_OLD_OUT: r.oldOut,
    AT_OLD_LOG_STD: r.oldLogStd,
    AT_ACTION: r.action,
    AT_LOGPROB: r.logprob,
    AT_VALUE: r.value,
    AT_ADVANTAGE: r.advantage,
    AT_RETURN: r.return,
    AT_REWARD: r.reward,
    AT_TERMINATED: r.terminated,
    AT_TRUNCATED: r.truncated,
    RECORD_STRIDE: r.stride,
  }
  const lines = (values: Record<string, number>): string =>
    Object.entries(values)
      .map(([name, value]) => `const ${name} = ${value}u;`)
      .join('\n')
  const gaussian = `const GAUSSIAN = ${shape.dist === 'gaussian'};`
  return {
    record: { file: 'record (from src/plan/record.ts)', source: lines(constants) },
    shape: {
      file: 'shape (from src/plan/record.ts)',
      source: `${withEnv ? '//#import "env"' : lines({ OBS_DIM: shape.obsDim, ACTION_DIM: shape.actionDim })}\n${gaussian}`,
    },
  }
}
