/** Which plan a run takes, and why. */

import { ConfigError, type PpoConfig } from '../config/config'
import type { NetworkLayout } from '../model/network'
import type { Adapter } from './adapterclass'
import { quadShape, whyNotFused } from './fusedshape'
import type { Plan } from './kernels'

/** Quads need subgroups, and pay where the lanes of a subgroup are those of a processor's vector unit. */
export const takesQuads = ({ software, subgroups }: Adapter): boolean => software && subgroups

/**
 * `auto` takes the fused plan where it can be had and is the faster one: on hardware for every network that fits, on a
 * software adapter where quads can do it (ARCHITECTURE.md, "Plans").
 * @throws ConfigError when the plan that is asked for cannot be.
 */
export function choosePlan(
  wanted: PpoConfig['plan'],
  layout: NetworkLayout,
  adapter: Adapter,
): { plan: Plan; planReason: string } {
  if (wanted === 'layered') return { plan: 'layered', planReason: 'asked for' }
  const why = whyNotFused(layout, adapter.software)
  if (why && wanted === 'fused') {
    throw new ConfigError(`config.plan: the fused plan cannot take this network: ${why}. Use plan auto or layered.`)
  }
  if (why) return { plan: 'layered', planReason: `fused cannot: ${why}` }
  if (wanted === 'fused') return { plan: 'fused', planReason: 'asked for' }
  if (adapter.software && !takesQuads(adapter)) {
    return { plan: 'layered', planReason: 'faster on a software adapter without subgroups' }
  }
  if (adapter.software && !quadShape(layout)) {
    return { plan: 'layered', planReason: 'faster for wide networks on a software adapter' }
  }
  return { plan: 'fused', planReason: 'a few dispatches instead of hundreds' }
}
