/** Which plan a run uses, and why. */

import { ConfigError, type PpoConfig } from '../config/config'
import type { NetworkLayout } from '../model/network'
import { type Adapter, type AdapterClass, classOf } from './adapterclass'
import { MOST_WEIGHTS, quadShape, whyNotFused } from './fusedshape'
import type { Plan } from './kernels'

/** How the layers are computed: the fused plan by quads or by tiles, or the layered plan, kernel by kernel. */
export type Form = 'quads' | 'tiles' | 'layers'

export interface Choice {
  form: Form
  /** For which networks, of those that the fused plan can take; in words, and as a function. */
  when: string
  holds: (layout: NetworkLayout) => boolean
  /** What `planReason` says. */
  reason: string
  why: string
}

const FEW = 'a few dispatches instead of hundreds'
const always = { when: 'all', holds: () => true }

const quadsFor = (adapter: AdapterClass) => ({
  ...{ form: 'quads' as const, reason: FEW, when: `at most ${MOST_WEIGHTS[adapter]} vec4s of weights in a lane` },
  holds: (layout: NetworkLayout) => quadShape(layout, adapter) !== null,
})

/** What `auto` takes: of the adapter's class the first row that holds. docs/kernel-forms.md has it as a table. */
export const CHOICES: Record<AdapterClass, readonly Choice[]> = {
  swiftshader: [
    {
      ...quadsFor('swiftshader'),
      why: 'Four lanes share each row in private memory, by text unrolled for the network: SwiftShader is fast there only with indices that are numbers, and pays for every barrier.',
    },
    {
      ...{ ...always, form: 'layers', reason: 'faster for wide networks on a software adapter' },
      why: 'The unrolled text would take longer to compile than the training takes.',
    },
  ],
  lavapipe: [
    {
      ...quadsFor('lavapipe'),
      why: 'As on SwiftShader, two quads in a workgroup: a vector register of the CPU has 8 lanes. Compiling takes more than a minute, once for a network: the cache keeps it.',
    },
    {
      ...{ ...always, form: 'layers', reason: 'faster to compile for wide networks on lavapipe' },
      why: 'The unrolled text would compile for several minutes.',
    },
  ],
  software: [
    {
      ...{ ...always, form: 'layers', reason: 'faster on a software adapter whose subgroups are not known' },
      why: 'WARP, and SwiftShader in Firefox: barriers are expensive, and quads need subgroups of a known size.',
    },
  ],
  hardware: [
    {
      ...{ ...always, form: 'tiles', reason: FEW },
      why: 'Tiles of rows in workgroup memory, shared by the 64 threads of a workgroup: a dispatch costs more than its work.',
    },
  ],
}

/**
 * `auto` uses the fused plan where it is possible and faster.
 * @throws ConfigError if the requested plan is not possible.
 */
export function choosePlan(
  wanted: PpoConfig['plan'],
  layout: NetworkLayout,
  adapter: Adapter,
  frameStack = 1,
): { plan: Plan; planReason: string } {
  if (wanted === 'layered') return { plan: 'layered', planReason: 'asked for' }
  const why = frameStack > 1 ? 'stacked frames' : whyNotFused(layout, adapter)
  if (why && wanted === 'fused') {
    throw new ConfigError(`config.plan: the fused plan cannot take this network: ${why}. Use plan auto or layered.`)
  }
  if (why) return { plan: 'layered', planReason: `fused cannot: ${why}` }
  if (wanted === 'fused') return { plan: 'fused', planReason: 'asked for' }
  const { form, reason } = CHOICES[classOf(adapter)].find(({ holds }) => holds(layout))!
  return { plan: form === 'layers' ? 'layered' : 'fused', planReason: reason }
}
