import { type PolicyRows, policyRow } from '../model/distributions/distribution'
import type { Floats } from '../model/floats'

/** The deterministic action of row `env`, written unclipped to `actions[offset ..)`: the most probable, or the mean. */
export function actMode(head: PolicyRows, env: number, actions: Floats, offset: number): void {
  head.distribution.mode(policyRow(head, env), actions, offset)
}
