/** Which plan a run uses, and why. */

import { ConfigError, type PpoConfig } from '../config/config'
import { isPacked } from '../env/contract'
import type { NetworkLayout } from '../model/network'
import { type Adapter, type AdapterClass, classOf } from './adapterclass'
import { MOST_WEIGHTS, quadShape, whyNotFused } from './fusedshape'
import { whyNotGrid } from './gridshape'
import type { Plan } from './kernels'

/**
 * How the layers are computed: the fused plan by quads, by tiles, or with a rollout of grids; or the layered plan, kernel by
 * kernel.
 */
export type Form = 'quads' | 'tiles' | 'grid' | 'layers'

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

/** Of runs that only grid_rollout can fuse: the most environments for which `auto` takes it, and what `planReason` says. */
export interface GridChoice {
  most: number
  reason: string
  /** What it says above `most`. */
  else: string
  why: string
}

const NOT_MEASURED = 'a fused rollout of grids was not measured on this adapter'

/** docs/kernel-forms.md has it in the same table. */
export const GRID_CHOICES: Record<AdapterClass, GridChoice> = {
  swiftshader: {
    ...{ most: 4, reason: 'faster for up to 4 environments on SwiftShader' },
    else: 'faster for more than 4 environments on SwiftShader',
    why: 'The layered plan computes 8 rows also where there are fewer. With 64 environments it is the faster one.',
  },
  lavapipe: { most: 0, reason: FEW, else: NOT_MEASURED, why: 'Not measured there.' },
  software: { most: 0, reason: FEW, else: NOT_MEASURED, why: 'Not measured there.' },
  hardware: {
    ...{ most: 1024, reason: FEW, else: 'faster for more than 1024 environments, whose matrix products fill a GPU' },
    why: 'On an NVIDIA H100 the fused rollout trains MinAtar/Breakout-v1 1.6 times as fast with 64 environments, 1.4 times with 256, 1.07 times with 1,024 (2026-11-27).',
  },
}

type Wanted = Pick<PpoConfig, 'plan' | 'frameStack' | 'numEnvs' | 'normReward'>

export interface Chosen {
  form: Form
  plan: Plan
  planReason: string
}

/** What the fused plan of these has, in words. */
const GRID_IS = 'rollout in one dispatch, updates layer by layer'

/**
 * `auto` uses the fused plan where it is possible and faster.
 * @throws ConfigError if the requested plan is not possible.
 */
export function choosePlan(config: Wanted, layout: NetworkLayout, adapter: Adapter): Chosen {
  const { plan: wanted, frameStack, numEnvs } = config
  const layered = (planReason: string): Chosen => ({ form: 'layers', plan: 'layered', planReason })
  if (wanted === 'layered') return layered('asked for')
  const why = frameStack > 1 ? 'stacked frames' : whyNotFused(layout, adapter)
  if (why === null) {
    const own = classOf(adapter)
    if (wanted === 'fused') {
      return { form: quadShape(layout, own) ? 'quads' : 'tiles', plan: 'fused', planReason: 'asked for' }
    }
    const { form, reason } = CHOICES[own].find(({ holds }) => holds(layout))!
    return { form, plan: form === 'layers' ? 'layered' : 'fused', planReason: reason }
  }
  const whyNot = whyNotGrid(layout, config, adapter)
  // Of floats and dense layers alone, the reason is that of tiles and quads.
  const said = whyNot && !isPacked(layout.shape) ? why : whyNot
  if (said && wanted === 'fused') {
    throw new ConfigError(`config.plan: the fused plan cannot take this network: ${said}. Use plan auto or layered.`)
  }
  if (said) return layered(`fused cannot: ${said}`)
  const grid = (because: string): Chosen => ({ form: 'grid', plan: 'fused', planReason: `${because}: ${GRID_IS}` })
  if (wanted === 'fused') return grid('asked for')
  const choice = GRID_CHOICES[classOf(adapter)]
  return numEnvs <= choice.most ? grid(choice.reason) : layered(choice.else)
}
