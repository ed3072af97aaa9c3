/**
 * Shapes of the actor and the critic, and the place of each weight in the flat parameter buffer. They are two networks,
 * or with a shared trunk one: all hidden layers are common, and actor and critic each have a head. A network is a list
 * of layers (src/model/layer.ts).
 */
import { type DenseSizes, denseSizes, weightFloats } from './dense/layout'
import { type DenseInput, hiddenSizes, placeLayer, type Sizes } from './hidden'
import { type LayerTensor, round4 } from './layer'
import { kindOf, type Layer } from './layers'

export { round4 } from './layer'
export type { Layer } from './layers'
export { criticDim, type NetworkShape, networkShape } from './networkshape'

import { actingOf } from './distributions/table'
import { criticDim, type NetworkShape } from './networkshape'

export interface NetworkLayout {
  shape: NetworkShape
  /** Layers from the observation to the outputs; with a shared trunk both lists begin with the same objects. */
  actor: Layer[]
  critic: Layer[]
  /** The last layers: the policy's outputs (logits or means), and the value. */
  heads: { policy: Layer; value: Layer }
  /** Every layer once: the trunk, or the actor's, first. */
  layers: Layer[]
  /**
   * The networks that the GPU evaluates: actor and critic; with a shared trunk one network, whose last layer is both
   * heads: the policy's outputs, padded, then the value.
   */
  networks: Layer[][]
  /** Offset of the distribution's own parameters, padded to a multiple of 4, or -1 if it has none. */
  own: number
  /** Floats of one agent's parameters, padding included; a multiple of 4. */
  paramStride: number
  /** Number of trainable scalars, padding excluded. */
  numParams: number
}

/** Lays out actor and critic, or the trunk and both heads, and the distribution's own parameters, in this order. */
export function layoutNetwork(shape: NetworkShape): NetworkLayout {
  let offset = 0
  const take = (floats: number): number => (offset += floats) - floats
  const place = (sizes: Sizes): Layer => placeLayer(sizes, take)
  const headOf = (name: string, { inDim, inGroup }: DenseInput, outDim: number): DenseSizes =>
    denseSizes(name, inDim, outDim, 'identity', inGroup)
  const twoHeads = (): Parts => {
    const { layers, output } = hiddenSizes('trunk', shape, shape.actorHidden)
    const trunk = layers.map(place)
    const heads = [headOf('actor.0', output, shape.actionDim), headOf('critic.0', output, 1)]
    // Both weights, then both biases, so that they also form one layer.
    const weights = heads.map((head) => take(weightFloats(head)))
    const biases = heads.map((head) => take(head.outStride))
    const [actor, critic] = heads.map((head, i) => ({ ...head, weight: weights[i], bias: biases[i] }))
    const outStride = actor.outStride + critic.outStride
    const both = { ...actor, name: 'heads', outDim: outStride, outStride }
    return { actor: [...trunk, actor], critic: [...trunk, critic], networks: [[...trunk, both]] }
  }
  const twoNetworks = (): Parts => {
    const of = (name: string, obsDim: number, widths: number[], outDim: number): Layer[] => {
      const { layers, output } = hiddenSizes(name, { ...shape, obsDim }, widths)
      const index = layers.filter(({ kind }) => kind !== 'pool').length // layers with weights
      return [...layers.map(place), place(headOf(`${name}.${index}`, output, outDim))]
    }
    const actor = of('actor', shape.obsDim, shape.actorHidden, shape.actionDim)
    const critic = of('critic', criticDim(shape), shape.criticHidden, 1)
    return { actor, critic, networks: [actor, critic] }
  }
  const parts = shape.sharedTrunk ? twoHeads() : twoNetworks()
  const heads = { policy: parts.actor.at(-1)!, value: parts.critic.at(-1)! }
  const layers = [...new Set([...parts.actor, ...parts.critic])]
  const ownCount = actingOf(shape).own?.count ?? 0
  const own = ownCount > 0 ? take(round4(ownCount)) : -1
  const layout = { shape, ...parts, heads, layers, own, paramStride: offset, numParams: 0 }
  const sizes = tensorsOf(layout).map((tensor) => tensor.shape.reduce((a, b) => a * b, 1))
  return { ...layout, numParams: sizes.reduce((a, b) => a + b, 0) }
}

type Parts = Pick<NetworkLayout, 'actor' | 'critic' | 'networks'>

/** Every trainable tensor of a network, in the order of files: those of each layer, then the distribution's own. */
export function tensorsOf({ layers, own: offset, shape }: NetworkLayout): LayerTensor[] {
  const ofLayers = layers.flatMap((layer) => kindOf(layer).tensors(layer))
  const { own } = actingOf(shape)
  return own ? [...ofLayers, { name: own.name, shape: [own.count], offset, strides: [1] }] : ofLayers
}

/** Multiplications of the matrix products of one row, of all layers once. */
export const multiplications = (layers: readonly Layer[]): number =>
  layers.reduce((sum, layer) => sum + kindOf(layer).multiplications(layer), 0)

/** About as many operations as one row takes forwards, small things included. */
export const rowFlops = ({ layers, paramStride }: NetworkLayout): number =>
  2 * Math.max(paramStride, multiplications(layers))

/** A named tensor of one agent: `actor.0.weight`, `[out, in]`, without padding. */
export interface NamedTensor {
  name: string
  shape: number[]
  data: Float32Array | Float64Array
}

/** Visits every trainable scalar as (tensor, its flat index without padding, its index in the padded buffer). */
export function forEachParam(
  layout: NetworkLayout,
  visit: (tensor: string, shape: number[], flat: number, padded: number) => void,
): void {
  for (const { name, shape, offset, view = shape, strides } of tensorsOf(layout)) {
    const size = shape.reduce((a, b) => a * b, 1)
    for (let flat = 0; flat < size; flat++) {
      let at = offset
      let rest = flat
      for (let axis = view.length - 1; axis >= 0; axis--) {
        at += (rest % view[axis]) * strides[axis]
        rest = Math.floor(rest / view[axis])
      }
      visit(name, shape, flat, at)
    }
  }
}

/** Copies one agent's padded parameters into tensors of torch's shapes. */
export function unpackParams<A extends Float32Array | Float64Array>(layout: NetworkLayout, padded: A): NamedTensor[] {
  const tensors = new Map<string, NamedTensor>()
  const Kind = padded.constructor as { new (n: number): A }
  forEachParam(layout, (name, shape, flat, at) => {
    let tensor = tensors.get(name)
    if (!tensor) tensors.set(name, (tensor = { name, shape, data: new Kind(shape.reduce((a, b) => a * b, 1)) }))
    tensor.data[flat] = padded[at]
  })
  return [...tensors.values()]
}

/** The inverse of `unpackParams`: writes named tensors into one agent's padded parameters. Throws if one is missing. */
export function packParams<A extends Float32Array | Float64Array>(
  layout: NetworkLayout,
  tensors: ReadonlyMap<string, ArrayLike<number>>,
  padded: A,
): A {
  forEachParam(layout, (name, shape, flat, at) => {
    const data = tensors.get(name)
    if (!data) throw new Error(`${name}: missing; expected a tensor of shape [${shape}]`)
    padded[at] = data[flat]
  })
  return padded
}
