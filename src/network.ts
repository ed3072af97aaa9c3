/**
 * Shapes of the actor and the critic, and where each weight lies in the flat parameter buffer.
 *
 * Both networks are multilayer perceptrons. A weight has torch's shape [out][in]; in the buffer each row is padded
 * with zeros to a multiple of 4 floats, and so is the number of rows, so that kernels read whole vec4s. Padding has
 * zero gradient and stays zero.
 */
import { actionDim, type EnvSpec, obsDim } from '../envs/env'
import type { PpoConfig } from './options'

export type Activation = 'tanh' | 'relu' | 'silu'
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
}

/** The network that `config` asks for on `spec`. */
export const networkShape = (
  spec: Pick<EnvSpec, 'observations' | 'actionSpace'>,
  config: Pick<PpoConfig, 'hidden' | 'actorHidden' | 'criticHidden' | 'activation'>,
): NetworkShape => ({
  obsDim: obsDim(spec),
  actionDim: actionDim(spec),
  actorHidden: config.actorHidden ?? config.hidden,
  criticHidden: config.criticHidden ?? config.hidden,
  activation: config.activation,
  dist: spec.actionSpace.kind === 'discrete' ? 'categorical' : 'gaussian',
})

/** One linear layer: `y = x W^T + b`. All offsets and strides are in floats. */
export interface Layer {
  /** `actor.0`, `critic.2`: the name in safetensors files, before `.weight` and `.bias`. */
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
  actor: Layer[]
  critic: Layer[]
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

/** Lays out actor, critic and log standard deviations, in this order. */
export function layoutNetwork(shape: NetworkShape): NetworkLayout {
  let offset = 0
  let numParams = 0
  const mlp = (name: string, dims: number[]): Layer[] =>
    dims.slice(1).map((outDim, i) => {
      const inDim = dims[i]
      const layer = { name: `${name}.${i}`, inDim, outDim, inStride: round4(inDim), outStride: round4(outDim) }
      const weight = offset
      const bias = weight + layer.outStride * layer.inStride
      offset = bias + layer.outStride
      numParams += outDim * inDim + outDim
      return { ...layer, weight, bias }
    })
  const actor = mlp('actor', [shape.obsDim, ...shape.actorHidden, shape.actionDim])
  const critic = mlp('critic', [shape.obsDim, ...shape.criticHidden, 1])
  const gaussian = shape.dist === 'gaussian'
  const logStd = gaussian ? offset : -1
  if (gaussian) {
    offset += round4(shape.actionDim)
    numParams += shape.actionDim
  }
  return { shape, actor, critic, logStd, paramStride: offset, numParams }
}

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
  for (const layer of [...layout.actor, ...layout.critic]) {
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
