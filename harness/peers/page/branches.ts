/** A network as the libraries build it: one layer after the other. */
import type { ConvLayer } from '../../../src/model/conv/layout'
import type { DenseLayer } from '../../../src/model/dense/layout'
import type { Layer, NetworkLayout } from '../../../src/model/network'

export type RivalLayer = DenseLayer | ConvLayer

export interface Branches {
  /** The layers that actor and critic share, those of each, and the shape of a row of observations. */
  trunk: RivalLayer[]
  actor: RivalLayer[]
  critic: RivalLayer[]
  inputShape: readonly number[]
}

export function branchesOf({ actor, critic }: NetworkLayout): Branches {
  const shared = actor.filter((layer, i) => layer === critic[i]).length
  const [first] = actor
  return {
    ...{ trunk: known(actor.slice(0, shared)), actor: known(actor.slice(shared)), critic: known(critic.slice(shared)) },
    inputShape: first.kind === 'conv' ? first.inShape : [first.inDim],
  }
}

const known = (layers: Layer[]): RivalLayer[] =>
  layers.map((layer) => {
    if (layer.kind === 'dense' || layer.kind === 'conv') return layer
    throw new Error(`rivals: ${layer.name} is a ${layer.kind}; they have dense layers and convolutions only.`)
  })
