/**
 * Several discrete choices per step: part i is one among `nvec[i]`, and the logits of all parts are concatenated. The
 * stored action is one index per part. Part i uses draw i; log-probability, entropy and KL are sums over the parts; the
 * most probable action is chosen part by part.
 */
import {
  bestChoice,
  type Choice,
  choiceBackward,
  choiceEntropy,
  choiceKl,
  choiceLogprob,
  drawChoice,
} from '../categorical/softmax'
import type { ActingDistribution, ActionDistribution, PolicyRow } from '../distribution'

/** The choice of each part. */
function choicesAmong(nvec: readonly number[]): (row: PolicyRow, part: number) => Choice {
  const firsts = nvec.map((_, part) => nvec.slice(0, part).reduce((a, b) => a + b, 0))
  return ({ out, offset, mask, maskOffset }, part) => ({
    logits: out,
    offset: offset + firsts[part],
    n: nvec[part],
    mask,
    maskOffset: maskOffset + firsts[part],
  })
}

export function multiDiscreteActing(nvec: readonly number[]): ActingDistribution {
  const choice = choicesAmong(nvec)
  return {
    kind: 'multi_discrete',
    width: nvec.reduce((a, b) => a + b, 0),
    actionCount: nvec.length,
    actionStride: nvec.length,
    parts: nvec,
    own: null,
    choices: (row) => nvec.map((_, part) => choice(row, part)),
    sample(row, draws, actions, offset) {
      nvec.forEach((_, part) => {
        actions[offset + part] = drawChoice(choice(row, part), draws.uniform())
      })
    },
    mode(row, actions, offset) {
      nvec.forEach((_, part) => {
        actions[offset + part] = bestChoice(choice(row, part))
      })
    },
  }
}

export function multiDiscrete(nvec: readonly number[]): ActionDistribution {
  const choice = choicesAmong(nvec)
  const sum = (term: (part: number) => number): number => nvec.reduce((total, _, part) => total + term(part), 0)
  return {
    ...multiDiscreteActing(nvec),
    logprob: (row, actions, offset) => sum((part) => choiceLogprob(choice(row, part), actions[offset + part])),
    entropy: (row) => sum((part) => choiceEntropy(choice(row, part))),
    kl: (old, row) => sum((part) => choiceKl(choice(old, part), choice(row, part))),
    backward(row, old, actions, offset, weights, dLossDOut) {
      nvec.forEach((_, part) => {
        const before = old && choice(old, part)
        choiceBackward(choice(row, part), before, actions[offset + part], weights, dLossDOut)
      })
    },
  }
}
