/**
 * One choice among `n` logits at `logits[offset .. offset + n)`, of those that the mask allows (0 at `mask[maskOffset +
 * j]` forbids; null allows all). A forbidden choice has probability 0: it is never drawn, adds nothing to entropy and
 * KL, and has no gradient. All quantities in nats.
 */
import type { Floats } from '../../floats'

/** How the loss depends on the three quantities of one sample. */
export interface PolicyGradientWeights {
  dLossDLogprob: number
  dLossDEntropy: number
  /** 0 outside penalty mode. */
  dLossDKl: number
}

/** The logits of one choice. */
export interface Choice {
  logits: Floats
  offset: number
  n: number
  mask: Floats | null
  maskOffset: number
}

const isAllowed = ({ mask, maskOffset }: Choice, j: number): boolean => mask === null || mask[maskOffset + j] !== 0

/** log sum exp of the allowed logits, shifted by their maximum so that nothing overflows. */
export function logSumExp(choice: Choice): number {
  const { logits, offset, n } = choice
  let max = -Infinity
  for (let j = 0; j < n; j++) if (isAllowed(choice, j)) max = Math.max(max, logits[offset + j])
  let sum = 0
  for (let j = 0; j < n; j++) if (isAllowed(choice, j)) sum += Math.exp(logits[offset + j] - max)
  return max + Math.log(sum)
}

/** log pi(j). */
export const choiceLogprob = (choice: Choice, j: number): number =>
  isAllowed(choice, j) ? choice.logits[choice.offset + j] - logSumExp(choice) : -Infinity

/** -sum p log p; a choice of zero probability adds 0. */
export function choiceEntropy(choice: Choice): number {
  const lse = logSumExp(choice)
  let entropy = 0
  for (let j = 0; j < choice.n; j++) {
    if (!isAllowed(choice, j)) continue
    const logp = choice.logits[choice.offset + j] - lse
    const p = Math.exp(logp)
    if (p > 0) entropy -= p * logp
  }
  return entropy
}

/** KL(old || new) = sum pOld (log pOld - log pNew); both have the same mask. */
export function choiceKl(old: Choice, choice: Choice): number {
  const oldLse = logSumExp(old)
  const lse = logSumExp(choice)
  let kl = 0
  for (let j = 0; j < choice.n; j++) {
    if (!isAllowed(choice, j)) continue
    const oldLogp = old.logits[old.offset + j] - oldLse
    const oldP = Math.exp(oldLogp)
    if (oldP > 0) kl += oldP * (oldLogp - (choice.logits[choice.offset + j] - lse))
  }
  return kl
}

/**
 * Inverse of the cumulative distribution: the first choice whose cumulative probability exceeds `u` in [0, 1). If
 * rounding errors leave none, the last choice with non-zero probability.
 */
export function drawChoice(choice: Choice, u: number): number {
  const lse = logSumExp(choice)
  let cumulative = 0
  let last = 0
  for (let j = 0; j < choice.n; j++) {
    if (!isAllowed(choice, j)) continue
    const p = Math.exp(choice.logits[choice.offset + j] - lse)
    cumulative += p
    if (u < cumulative) return j
    if (p > 0) last = j
  }
  return last
}

/** The probability of each choice; 0 for one that is forbidden. */
export function probabilities(choice: Choice): number[] {
  const lse = logSumExp(choice)
  return Array.from({ length: choice.n }, (_, j) =>
    isAllowed(choice, j) ? Math.exp(choice.logits[choice.offset + j] - lse) : 0,
  )
}

/** The most probable allowed choice, the first if there are several. */
export function bestChoice(choice: Choice): number {
  let best = -1
  for (let j = 0; j < choice.n; j++) {
    if (!isAllowed(choice, j)) continue
    if (best < 0 || choice.logits[choice.offset + j] > choice.logits[choice.offset + best]) best = j
  }
  return Math.max(best, 0)
}

/**
 * Chain rule to the logits, for the taken choice `chosen`. Writes `dLossDLogits[offset .. offset + n)`:
 *
 *     d logprob(a) / d logit_j = [j = a] - p_j
 *     d entropy    / d logit_j = -p_j (log p_j + entropy)
 *     d KL         / d logit_j = p_j - pOld_j
 */
export function choiceBackward(
  choice: Choice,
  old: Choice | null,
  chosen: number,
  weights: PolicyGradientWeights,
  dLossDLogits: Floats,
): void {
  const { logits, offset, n } = choice
  const lse = logSumExp(choice)
  const entropy = choiceEntropy(choice)
  const oldLse = old ? logSumExp(old) : 0
  for (let j = 0; j < n; j++) {
    if (!isAllowed(choice, j)) {
      dLossDLogits[offset + j] = 0
      continue
    }
    const logp = logits[offset + j] - lse
    const p = Math.exp(logp)
    const dLogprob = (j === chosen ? 1 : 0) - p
    const dEntropy = p > 0 ? -p * (logp + entropy) : 0
    const dKl = old ? p - Math.exp(old.logits[old.offset + j] - oldLse) : 0
    dLossDLogits[offset + j] =
      weights.dLossDLogprob * dLogprob + weights.dLossDEntropy * dEntropy + weights.dLossDKl * dKl
  }
}
