/**
 * Where the layers of a network are in the workgroup memory of the tile kernels: `act` of shaders/lib/network/dense.wgsl, in
 * vec4s. A region has its rows one vec4 further apart than they are wide.
 */
import { outputCopies } from '../model/layer'
import type { Layer } from '../model/layers'

/** The places of one layer: fields of `Dense` in shaders/lib/network/mlp.wgsl. */
export interface TilePlace {
  input: number
  output: number
  dOutput: number
  outStride: number
  kept: number
}

export interface TilePlaces {
  layers: TilePlace[]
  /** Of the four parts of each output of the last layer. */
  parts: number
  size: number
}

/** Threads that share an output of the last layer. */
const PARTS = 4

/**
 * For tiles of `rows` rows. With `gradient` also the gradients of the hidden layers' outputs: of the last hidden layer in a
 * region of its own, which before holds the parts of the outputs; of the others in place of the outputs of the layer behind,
 * which are not needed any more by then.
 */
export function placeTiles(layers: Layer[], rows: number, gradient: boolean): TilePlaces {
  const widths = layers.map((layer) => layer.outStride / 4)
  const last = layers.length - 1
  let end = 0
  const take = (size: number): number => (end += size) - size
  let input = take(rows * (layers[0].inStride / 4 + 1))
  const placed = layers.map((layer, l): TilePlace => {
    const outStride = l === last ? widths[l] : widths[l] + 1
    const keeps = gradient && l < last && outputCopies(layer) > 1
    const own = rows * outStride * (keeps ? 2 : 1)
    const ofBefore = gradient && l > 0 && l < last ? rows * (widths[l - 1] + 1) : 0
    const output = take(Math.max(own, ofBefore))
    const place = { input, output, dOutput: output, outStride, kept: keeps ? rows * outStride : 0 }
    input = output
    return place
  })
  const ofLast = gradient && last > 0 ? rows * placed[last - 1].outStride : 0
  const parts = take(Math.max(PARTS * rows * widths[last], ofLast))
  for (let l = 0; l < last; l++) placed[l].dOutput = l === last - 1 ? parts : placed[l + 1].output
  return { layers: placed, parts, size: end }
}
