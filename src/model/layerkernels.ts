/** The kernels of the layers in the layered plan, by kind. */
import { denseKernels } from './dense/dispatches'
import type { LayerKernels } from './layer'
import type { Layer } from './layers'

const KERNELS = { dense: denseKernels }

export type LayerStem = (typeof KERNELS)[Layer['kind']]['stems'][number]

export const kernelsOf = (kind: Layer['kind']): LayerKernels<Layer, LayerStem> => KERNELS[kind]

/** The stems of all of them. */
export const LAYER_STEMS: readonly LayerStem[] = Object.values(KERNELS).flatMap(({ stems }) => stems)

/** Their `override` constants. */
export const layerOverrides = (threads: number): Record<string, Record<string, number>> =>
  Object.fromEntries(Object.values(KERNELS).flatMap((kind) => Object.entries(kind.overrides(threads))))
