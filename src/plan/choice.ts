/** Which plan a run uses, and why. */

import { ConfigError, type PpoConfig } from '../config/config'
import type { NetworkLayout } from '../model/network'
import type { Adapter } from './adapterclass'
import { quadShape, whyNotFused } from './fusedshape'
import type { Plan } from './kernels'

/** Quads need subgroups, and are faster where a subgroup is one vector register of a CPU. */
export const takesQuads = ({ software, subgroups }: Adapter): boolean => software && subgroups

/**
 * `auto` uses the fused plan where it is possible and faster: on hardware for every network that fits, on a software
 * adapter if quads can compute it.
 * @throws ConfigError if the requested plan is not possible.
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
