/** How grid_rollout is split into tiles of environments, where its layers lie in workgroup memory, and what does not fit. */
import type { PpoConfig } from '../config/config'
import { isPacked } from '../env/contract'
import { largest } from '../extremes'
import { wgslConstant } from '../gpu/shaders'
import { round4 } from '../model/layer'
import type { Layer } from '../model/layers'
import type { NetworkLayout } from '../model/network'
import { type FusedAdapter, workgroupBytes } from './fusedshape'

export const MAX_GRID_LAYERS = wgslConstant('shaders/lib/network/grid_layers.wgsl', 'MAX_GRID_LAYERS')
const PARTS = wgslConstant('shaders/lib/network/grid.wgsl', 'DENSE_PARTS')

/** No bit depends on it. */
export interface GridShape {
  /** Environments per workgroup. */
  rows: number
  /** vec4s of workgroup memory for the inputs and outputs of the layers. */
  actSize: number
  threads: number
}

/** The regions of a layer in workgroup memory, in vec4s. `parts`: of the four parts of each output of a dense layer. */
export interface GridPlace {
  input: number
  output: number
  parts: number
}

/** vec4s of a row of a layer's inputs, in which each pixel is padded, also those of an observation. */
export function inputVecs(layer: Layer): number {
  if (layer.kind !== 'conv' && layer.kind !== 'pool') return layer.inStride / 4
  const [height, width, channels] = layer.inShape
  return (height * width * round4(channels)) / 4
}

/**
 * Two regions in turn: a map's outputs go to the region that its inputs are not in; a dense layer's parts do, and its
 * outputs replace its inputs.
 */
export function placeGrid(layers: Layer[], rows: number): { layers: GridPlace[]; size: number } {
  const sizes = [0, 0]
  let from = 0
  const sides = layers.map((layer) => {
    const other = 1 - from
    const outputs = layer.outStride / 4
    const isDense = layer.kind === 'dense'
    sizes[from] = Math.max(sizes[from], inputVecs(layer), isDense ? outputs : 0)
    sizes[other] = Math.max(sizes[other], isDense ? PARTS * outputs : outputs)
    const place = { input: from, output: isDense ? from : other, parts: other }
    from = place.output
    return place
  })
  const at = (side: number): number => side * rows * sizes[0]
  const placed = sides.map(({ input, output, parts }) => ({ input: at(input), output: at(output), parts: at(parts) }))
  return { layers: placed, size: rows * (sizes[0] + sizes[1]) }
}

/** vec4s of `act`, for the wider network. */
export const actSize = ({ networks }: NetworkLayout, rows: number): number =>
  largest(networks.map((layers) => placeGrid(layers, rows).size))

/** Bytes of grid_rollout with tiles of `rows` environments: activations, and the steps at which episodes were cut. */
const bytesOf = (layout: NetworkLayout, rows: number): number => 16 * actSize(layout, rows) + 4 * rows + 4

/** Why grid_rollout does not support a run; null if it does. */
export function whyNotGrid(
  layout: NetworkLayout,
  { normReward }: Pick<PpoConfig, 'normReward'>,
  adapter: FusedAdapter,
): string | null {
  const { networks, shape } = layout
  if (!isPacked(shape)) return 'a network other than a perceptron needs observations of bits or bytes'
  const norm = networks.flat().find(({ kind }) => kind === 'layer_norm')
  if (norm) return `the layer norm ${norm.name}`
  if (normReward) return 'normReward needs a ninth storage buffer in the rollout, of 8'
  const most = largest(networks.map((layers) => layers.length))
  if (most > MAX_GRID_LAYERS) return `${most} layers are more than ${MAX_GRID_LAYERS}`
  const [bytes, fits] = [bytesOf(layout, 1), workgroupBytes(adapter)]
  if (bytes <= fits) return null
  return `an environment needs ${bytes} bytes of workgroup memory, of ${fits}, for ${mapsOf(networks[0])}`
}

/** `84 x 84 x 4, 20 x 20 x 32, 512`: what the layers get and give. */
function mapsOf(layers: Layer[]): string {
  const [first] = layers
  const observed = 'inShape' in first && first.inShape ? first.inShape : [first.inDim]
  const given = layers.map((layer) => ('outShape' in layer && layer.outShape ? layer.outShape : [layer.outDim]))
  return [observed, ...given].map((shape) => shape.join(' x ')).join(', ')
}

/** Environments per workgroup: weights that are loaded once serve them all. More are no faster on two cores, nor fit. */
const MOST_ROWS = 8
/** On a GPU up to so many environments have a workgroup each: their steps follow one another. */
const ALONE = 256

/** The split for a run that `whyNotGrid` allows. */
export function gridShape({ numEnvs }: Pick<PpoConfig, 'numEnvs'>, layout: NetworkLayout, adapter: FusedAdapter) {
  const { software } = adapter
  const wanted = software ? Math.min(MOST_ROWS, Math.ceil(numEnvs / 2)) : numEnvs <= ALONE ? 1 : 4
  let rows = wanted
  while (rows > 1 && bytesOf(layout, rows) > workgroupBytes(adapter)) rows--
  // A software adapter runs 4 threads at once, lavapipe 8: a barrier costs nothing where there are no others.
  const threads = software ? (adapter.lavapipe ? 8 : 4) : 128
  return { rows, actSize: actSize(layout, rows), threads } satisfies GridShape
}

/** `override` constants of grid_rollout. */
export const gridOverrides = ({ actSize, threads }: GridShape): Record<string, Record<string, number>> => ({
  grid_rollout: { WORKGROUP: threads, ACT_SIZE: actSize },
})
