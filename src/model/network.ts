/**
 * Shapes of the actor and the critic, and where each weight lies in the flat parameter buffer. They are two networks, or
 * with a shared trunk one: all hidden layers are common to both, and each has a head of its own.
 *
 * Both networks are multilayer perceptrons. A weight has torch's shape [out][in]; in the buffer each row is padded
 * with zeros to a multiple of 4 floats, and so is the number of rows, so that kernels read whole vec4s. Padding has
 * zero gradient and stays zero.
 */
import { actionDim, type EnvSpec, obsDim } from '../env/contract'
import type { Activation, PpoConfig } from '../options/options'

export type Distribution = 'categorical' | 'gaussian'

export interface NetworkShape {
  obsDim: number
  /** Number of actions (categorical) or of action dimensions (gaussian). */
  actionDim: number
  /** Widths of the hidden layers of the actor. */
  actorHidden: number[]
  /** Widths of the hidden layers of the critic. */
  criticHidden: number[]
  activation: Activation
  dist: Distribution
  /** Actor and critic share their hidden layers, whose widths are then the same; they do not when it is left out. */
  sharedTrunk?: boolean
}

/** The network that `config` asks for on `spec`. */
export const networkShape = (
  spec: Pick<EnvSpec, 'observations' | 'actionSpace'>,
  config: Pick<PpoConfig, 'hidden' | 'actorHidden' | 'criticHidden' | 'activation'> &
    Partial<Pick<PpoConfig, 'sharedTrunk'>>,
): NetworkShape => ({
  obsDim: obsDim(spec),
  actionDim: actionDim(spec),
  actorHidden: config.actorHidden ?? config.hidden,
  criticHidden: config.criticHidden ?? config.hidden,
  activation: config.activation,
  dist: spec.actionSpace.kind === 'discrete' ? 'categorical' : 'gaussian',
  ...(config.sharedTrunk ? { sharedTrunk: true } : {}),
})

/** One linear layer: `y = x W^T + b`. All offsets and strides are in floats. */
export interface Layer {
  /** `actor.0`, `critic.2`, `trunk.1`: the name in safetensors files, before `.weight` and `.bias`. */
  name: string
  inDim: number
  outDim: number
  /** `inDim` and `outDim` rounded up to a multiple of 4. */
  inStride: number
  outStride: number
  /** Offset of the weight, [outStride][inStride], inside one agent's parameters. */
  weight: number
  /** Offset of the bias, [outStride]. */
  bias: number
}

export interface NetworkLayout {
  shape: NetworkShape
  /** From the observation to the outputs; those of a shared trunk, the same objects, come first in both. */
  actor: Layer[]
  critic: Layer[]
  /** Every layer once: the trunk, or the actor's, first. */
  layers: Layer[]
  /**
   * What the GPU passes rows through: actor and critic; with a shared trunk one network, whose last layer is both heads:
   * the policy's outputs, padded, then the value.
   */
  networks: Layer[][]
  /** Offset of the log standard deviations, [round4(actionDim)], or -1 for categorical policies. */
  logStd: number
  /** Floats of one agent's parameters, padding included; a multiple of 4. */
  paramStride: number
  /** Number of trainable scalars, padding excluded. */
  numParams: number
}

/**
 * Numbers that a hidden layer's outputs need room for, over what there are: the derivative of silu does not follow from
 * them, so what it was taken of stands behind them.
 */
export const hiddenCopies = (activation: Activation): number => (activation === 'silu' ? 2 : 1)

export const round4 = (n: number): number => Math.ceil(n / 4) * 4

/** Lays out actor and critic, or the trunk and both heads, and log standard deviations, in this order. */
export function layoutNetwork(shape: NetworkShape): NetworkLayout {
  let offset = 0
  const take = (floats: number): number => (offset += floats) - floats
  const mlp = (name: string, dims: number[]): Layer[] =>
    dims.slice(1).map((outDim, i) => {
      const layer = sizesOf(`${name}.${i}`, dims[i], outDim)
      return { ...layer, weight: take(layer.outStride * layer.inStride), bias: take(layer.outStride) }
    })
  const twoHeads = (): Pick<NetworkLayout, 'actor' | 'critic' | 'networks'> => {
    const trunk = mlp('trunk', [shape.obsDim, ...shape.actorHidden])
    const width = shape.actorHidden.at(-1)!
    const [a, c] = [sizesOf('actor.0', width, shape.actionDim), sizesOf('critic.0', width, 1)]
    // Both weights, then both biases, so that they are those of one layer, too.
    const weights = [a, c].map((head) => take(head.outStride * head.inStride))
    const biases = [a, c].map((head) => take(head.outStride))
    const [actor, critic] = [a, c].map((head, i) => ({ ...head, weight: weights[i], bias: biases[i] }))
    const outStride = a.outStride + c.outStride
    const both = { ...actor, name: 'heads', outDim: outStride, outStride }
    return { actor: [...trunk, actor], critic: [...trunk, critic], networks: [[...trunk, both]] }
  }
  const twoNetworks = (): Pick<NetworkLayout, 'actor' | 'critic' | 'networks'> => {
    const actor = mlp('actor', [shape.obsDim, ...shape.actorHidden, shape.actionDim])
    const critic = mlp('critic', [shape.obsDim, ...shape.criticHidden, 1])
    return { actor, critic, networks: [actor, critic] }
  }
  const parts = shape.sharedTrunk ? twoHeads() : twoNetworks()
  const layers = [...new Set([...parts.actor, ...parts.critic])]
  const gaussian = shape.dist === 'gaussian'
  const logStd = gaussian ? take(round4(shape.actionDim)) : -1
  const ofLayers = layers.reduce((sum, { inDim, outDim }) => sum + outDim * inDim + outDim, 0)
  const numParams = ofLayers + (gaussian ? shape.actionDim : 0)
  return { shape, ...parts, layers, logStd, paramStride: offset, numParams }
}

const sizesOf = (name: string, inDim: number, outDim: number): Omit<Layer, 'weight' | 'bias'> => ({
  ...{ name, inDim, outDim, inStride: round4(inDim), outStride: round4(outDim) },
})

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
  for (const layer of layout.layers) {
    for (let o = 0; o < layer.outDim; o++) {
      for (let i = 0; i < layer.inDim; i++) {
        const shape = [layer.outDim, layer.inDim]
        visit(`${layer.name}.weight`, shape, o * layer.inDim + i, layer.weight + o * layer.inStride + i)
      }
    }
    for (let o = 0; o < layer.outDim; o++) visit(`${layer.name}.bias`, [layer.outDim], o, layer.bias + o)
  }
  if (layout.logStd >= 0) {
    const n = layout.shape.actionDim
    for (let i = 0; i < n; i++) visit('log_std', [n], i, layout.logStd + i)
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

/** The inverse of `unpackParams`: writes named tensors into one agent's padded parameters. Throws on a missing one. */
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
