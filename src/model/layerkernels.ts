/** The kernels of the layers in the layered plan, by kind. */
import type { GridSpace } from '../env/contract'
import { kernelName } from '../gpu/shaders'
import { convKernels } from './conv/dispatches'
import { denseKernels } from './dense/dispatches'
import type { BackwardPass, InputStorage, LayerDispatch, LayerKernels, LayerPass, PlacedLayer, Reading } from './layer'
import { layerNormKernels } from './layer_norm/dispatches'
import type { Layer } from './layers'
import { poolKernels } from './pool/dispatches'

const KERNELS = { dense: denseKernels, conv: convKernels, pool: poolKernels, layer_norm: layerNormKernels }

type OwnStem = (typeof KERNELS)[Layer['kind']]['stems'][number]
export type LayerStem = Reading<OwnStem>

const kernelsOf = (kind: Layer['kind']): LayerKernels<Layer, OwnStem> => KERNELS[kind] as LayerKernels<Layer, OwnStem>

/** The dispatches of a layer, or of two of one kind. */
export const forwardOf = <B extends string>(
  pass: LayerPass<B>,
  layers: PlacedLayer<Layer>[],
): LayerDispatch<LayerStem, B>[] => reading(pass.storage, layers, kernelsOf(layers[0].layer.kind).forward(pass, layers))

/** The same backwards. */
export const backwardOf = <B extends string>(
  pass: BackwardPass<B>,
  layers: PlacedLayer<Layer>[],
): LayerDispatch<LayerStem, B>[] =>
  reading(pass.storage, layers, kernelsOf(layers[0].layer.kind).backward(pass, layers))

/** Dispatches of the kernels that read the inputs as they are stored. */
const reading = <B extends string>(
  storage: InputStorage,
  [{ layer }]: PlacedLayer<Layer>[],
  dispatches: LayerDispatch<OwnStem, B>[],
): LayerDispatch<LayerStem, B>[] =>
  dispatches.map((dispatch) => ({ ...dispatch, stem: readingStem(dispatch.stem, layer, storage) }))

/** The kernel that reads the inputs of `layer` as they are stored. f32 numbers in whole vec4s are read as hidden ones. */
function readingStem(stem: OwnStem, layer: Layer, storage: InputStorage): LayerStem {
  const { pixelsOf, readers } = kernelsOf(layer.kind)
  const { pixels, pixelStride } = pixelsOf(layer)
  if (storage === 'hidden' || !readers.includes(stem)) return stem
  return storage === 'f32' && (pixels === 1 || pixelStride % 4 === 0) ? stem : `${stem}.${storage}`
}

/** The kernels of networks whose observations are stored as `storage`. */
export function layerStems(networks: Layer[][], storage: GridSpace['storage']): LayerStem[] {
  const stems = networks.flatMap((layers) =>
    layers.flatMap((layer, l): readonly LayerStem[] => {
      const { stems: own, readers } = kernelsOf(layer.kind)
      return l === 0 ? readers.map((stem) => readingStem(stem, layer, storage)) : own
    }),
  )
  return [...new Set(stems)]
}

/** Numbers of a pixel of the observations, as the first layer of a network sees them. */
export const observedChannels = (layer: Layer): number => kernelsOf(layer.kind).pixelsOf(layer).channels

/** How a kernel reads its inputs; undefined for those of hidden layers. */
export const storageRead = (stem: string): GridSpace['storage'] | undefined =>
  stem.split('.')[1] as GridSpace['storage'] | undefined

/** Their `override` constants. */
export const layerOverrides = (stems: readonly LayerStem[], threads: number): Record<string, Record<string, number>> =>
  Object.fromEntries(
    Object.values(KERNELS).flatMap((kind) =>
      stems
        .filter((stem) => (kind.stems as readonly string[]).includes(kernelName(stem)))
        .map((stem) => [stem, kind.overrides(threads)]),
    ),
  )
