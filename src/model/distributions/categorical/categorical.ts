/** Discrete actions: one choice among `n` logits. The stored action is its index. */
import type { ActingDistribution, ActionDistribution, PolicyRow } from '../distribution'
import { bestChoice, type Choice, choiceBackward, choiceEntropy, choiceKl, choiceLogprob, drawChoice } from './softmax'

const choiceAmong =
  (n: number) =>
  ({ out, offset, mask, maskOffset }: PolicyRow): Choice => ({ logits: out, offset, n, mask, maskOffset })

export function categoricalActing(n: number): ActingDistribution {
  const choice = choiceAmong(n)
  return {
    kind: 'categorical',
    width: n,
    actionCount: 1,
    actionStride: 1,
    parts: [n],
    own: null,
    choices: (row) => [choice(row)],
    sample(row, draws, actions, offset) {
      actions[offset] = drawChoice(choice(row), draws.uniform())
    },
    mode(row, actions, offset) {
      actions[offset] = bestChoice(choice(row))
    },
  }
}

export function categorical(n: number): ActionDistribution {
  const choice = choiceAmong(n)
  return {
    ...categoricalActing(n),
    logprob: (row, actions, offset) => choiceLogprob(choice(row), actions[offset]),
    entropy: (row) => choiceEntropy(choice(row)),
    kl: (old, row) => choiceKl(choice(old), choice(row)),
    backward: (row, old, actions, offset, weights, dLossDOut) =>
      choiceBackward(choice(row), old && choice(old), actions[offset], weights, dLossDOut),
  }
}
