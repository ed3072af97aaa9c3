/**
 * The categorical policy: softmax over `n` logits at `logits[offset .. offset + n)`. Everything in nats.
 */
import type { Floats } from '../model/floats'

/** log sum exp of the logits, shifted by their maximum so that nothing overflows. */
export function logSumExp(logits: Floats, offset: number, n: number): number {
  let max = -Infinity
  for (let j = 0; j < n; j++) max = Math.max(max, logits[offset + j])
  let sum = 0
  for (let j = 0; j < n; j++) sum += Math.exp(logits[offset + j] - max)
  return max + Math.log(sum)
}

/** log pi(action). */
export function categoricalLogprob(logits: Floats, offset: number, n: number, action: number): number {
  return logits[offset + action] - logSumExp(logits, offset, n)
}

/** -sum p log p; an action of zero probability adds 0. */
export function categoricalEntropy(logits: Floats, offset: number, n: number): number {
  const lse = logSumExp(logits, offset, n)
  let entropy = 0
  for (let j = 0; j < n; j++) {
    const logp = logits[offset + j] - lse
    const p = Math.exp(logp)
    if (p > 0) entropy -= p * logp
  }
  return entropy
}

/** KL(old || new) = sum pOld (log pOld - log pNew). */
export function categoricalKl(old: Floats, oldOffset: number, logits: Floats, offset: number, n: number): number {
  const oldLse = logSumExp(old, oldOffset, n)
  const lse = logSumExp(logits, offset, n)
  let kl = 0
  for (let j = 0; j < n; j++) {
    const oldLogp = old[oldOffset + j] - oldLse
    const oldP = Math.exp(oldLogp)
    if (oldP > 0) kl += oldP * (oldLogp - (logits[offset + j] - lse))
  }
  return kl
}

/**
 * Inverse of the cumulative distribution: the first action whose cumulative probability passes `u` in [0, 1). When
 * rounding lets the scan fall off the end, the last action with non-zero probability.
 */
export function categoricalSample(logits: Floats, offset: number, n: number, u: number): number {
  const lse = logSumExp(logits, offset, n)
  let cumulative = 0
  let last = 0
  for (let j = 0; j < n; j++) {
    const p = Math.exp(logits[offset + j] - lse)
    cumulative += p
    if (u < cumulative) return j
    if (p > 0) last = j
  }
  return last
}

/** The most probable action, the first of equals. */
export function categoricalMode(logits: Floats, offset: number, n: number): number {
  let best = 0
  for (let j = 1; j < n; j++) if (logits[offset + j] > logits[offset + best]) best = j
  return best
}

/** How the loss depends on the three quantities of one sample. */
export interface PolicyGradientWeights {
  dLossDLogprob: number
  dLossDEntropy: number
  /** 0 outside penalty mode. */
  dLossDKl: number
}

/**
 * Chain rule to the logits. Writes `dLossDLogits[offset .. offset + n)`:
 *
 *     d logprob(a) / d logit_j = [j = a] - p_j
 *     d entropy    / d logit_j = -p_j (log p_j + entropy)
 *     d KL         / d logit_j = p_j - pOld_j
 */
export function categoricalBackward(
  logits: Floats,
  offset: number,
  n: number,
  action: number,
  weights: PolicyGradientWeights,
  old: Floats | null,
  dLossDLogits: Floats,
): void {
  const lse = logSumExp(logits, offset, n)
  const entropy = categoricalEntropy(logits, offset, n)
  const oldLse = old ? logSumExp(old, offset, n) : 0
  for (let j = 0; j < n; j++) {
    const logp = logits[offset + j] - lse
    const p = Math.exp(logp)
    const dLogprob = (j === action ? 1 : 0) - p
    const dEntropy = p > 0 ? -p * (logp + entropy) : 0
    const dKl = old ? p - Math.exp(old[offset + j] - oldLse) : 0
    dLossDLogits[offset + j] =
      weights.dLossDLogprob * dLogprob + weights.dLossDEntropy * dEntropy + weights.dLossDKl * dKl
  }
}
