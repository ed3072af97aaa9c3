/** Discrete actions: one choice among `n` logits. The stored action is its index. */
import type { ActionDistribution, PolicyRow } from '../distribution'
import { categoricalOnnx } from './onnx'
import { bestChoice, type Choice, choiceBackward, choiceEntropy, choiceKl, choiceLogprob, drawChoice } from './softmax'

export function categorical(n: number): ActionDistribution {
  const choice = ({ out, offset, mask, maskOffset }: PolicyRow): Choice => ({
    logits: out,
    offset,
    n,
    mask,
    maskOffset,
  })
  return {
    kind: 'categorical',
    width: n,
    actionCount: 1,
    actionStride: 1,
    parts: [n],
    own: null,
    onnx: categoricalOnnx(n),
    choices: (row) => [choice(row)],
    sample(row, draws, actions, offset) {
      actions[offset] = drawChoice(choice(row), draws.uniform())
    },
    mode(row, actions, offset) {
      actions[offset] = bestChoice(choice(row))
    },
    logprob: (row, actions, offset) => choiceLogprob(choice(row), actions[offset]),
    entropy: (row) => choiceEntropy(choice(row)),
    kl: (old, row) => choiceKl(choice(old), choice(row)),
    backward: (row, old, actions, offset, weights, dLossDOut) =>
      choiceBackward(choice(row), old && choice(old), actions[offset], weights, dLossDOut),
  }
}
