/** The kernels of the layers in the layered plan, by kind. */
import { denseKernels } from './dense/dispatches'
import type { LayerKernels } from './layer'
import type { Layer } from './layers'

const KERNELS = { dense: denseKernels }

export type LayerStem = (typeof KERNELS)['dense']['stems'][number]

export function kernelsOf(kind: Layer['kind']): LayerKernels<Layer, LayerStem> {
  if (kind === 'dense') return KERNELS.dense as LayerKernels<Layer, LayerStem>
  throw new Error(`layers of kind ${kind} have no kernels`)
}

/** The stems of all of them. */
export const LAYER_STEMS: readonly LayerStem[] = Object.values(KERNELS).flatMap(({ stems }) => stems)

/** Their `override` constants. */
export const layerOverrides = (threads: number): Record<string, Record<string, number>> =>
  Object.fromEntries(Object.values(KERNELS).flatMap((kind) => Object.entries(kind.overrides(threads))))
