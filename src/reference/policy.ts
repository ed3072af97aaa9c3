/** One sample of a minibatch under the current policy, for either distribution. */
import {
  categoricalBackward,
  categoricalEntropy,
  categoricalKl,
  categoricalLogprob,
  type PolicyGradientWeights,
} from './categorical'
import { type GaussianAt, gaussianBackward, gaussianEntropy, gaussianKl, gaussianLogprob } from './gaussian'
import type { LossInputs, LossOutputs } from './losses'

const gaussians = (inputs: LossInputs, row: number): { at: GaussianAt; old: GaussianAt | null } => {
  const { out, outStride, logStd, logStdOffset, oldOut, oldLogStd, actionDim: n } = inputs
  if (!logStd) throw new Error('ppoLoss: a gaussian policy needs inputs.logStd')
  const offset = row * outStride
  const at = { means: out, offset, logStd, logStdOffset, n }
  const old = oldOut && oldLogStd ? { means: oldOut, offset, logStd: oldLogStd, logStdOffset: 0, n } : null
  return { at, old }
}

/** log pi(action), entropy and KL(old||new) (0 without the old policy) of sample `row`, in nats. */
export function policyTerms(inputs: LossInputs, row: number): { newLogprob: number; entropy: number; kl: number } {
  const { dist, out, outStride, actions, oldOut, actionDim: n } = inputs
  const offset = row * outStride
  if (dist === 'categorical') {
    return {
      newLogprob: categoricalLogprob(out, offset, n, actions[row]),
      entropy: categoricalEntropy(out, offset, n),
      kl: oldOut ? categoricalKl(oldOut, offset, out, offset, n) : 0,
    }
  }
  const { at, old } = gaussians(inputs, row)
  return {
    newLogprob: gaussianLogprob(at, actions, offset),
    entropy: gaussianEntropy(at),
    kl: old ? gaussianKl(old, at) : 0,
  }
}

/** Chain rule from the three terms of sample `row` to the network's output and the log standard deviations. */
export function policyBackward(
  inputs: LossInputs,
  row: number,
  weights: PolicyGradientWeights,
  outputs: Pick<LossOutputs, 'dLossDOut' | 'dLossDLogStd'>,
): void {
  const { dist, out, outStride, actions, oldOut, actionDim: n } = inputs
  const offset = row * outStride
  if (dist === 'categorical') {
    categoricalBackward(out, offset, n, actions[row], weights, oldOut, outputs.dLossDOut)
    return
  }
  const { at, old } = gaussians(inputs, row)
  gaussianBackward(at, actions, offset, weights, old, outputs.dLossDOut, outputs.dLossDLogStd)
}
