import { makeRng, STREAM } from '../env/rng'
import { drawsOf, type PolicyRows, policyRow } from '../model/distributions/distribution'
import type { Floats } from '../model/floats'

/**
 * Draws the action of row `env` at global step `step` and writes it, unclipped, to `actions[actionOffset ..)`. Returns
 * its log-probability. The distribution defines how it draws.
 */
export function sample(
  head: PolicyRows,
  seed: number,
  step: number,
  env: number,
  actions: Floats,
  actionOffset: number,
): number {
  const { distribution } = head
  const row = policyRow(head, env)
  distribution.sample(row, drawsOf(makeRng(seed, step, STREAM.ACTION, env)), actions, actionOffset)
  return distribution.logprob(row, actions, actionOffset)
}
