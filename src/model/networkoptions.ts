/** From a network back to the options that make it: for runs that begin with a policy file. */
import { formatLayers } from '../options/layerspec'
import { type Activation, OPTIONS } from '../options/options'
import type { NetworkShape } from './networkshape'

/** The options that give a run the hidden layers of `shape`, whatever its preset has. */
export function networkOptions(shape: NetworkShape) {
  const { layers, actorHidden, criticHidden, activation, sharedTrunk = false } = shape
  if (!layers) return { network: 'mlp', hidden: actorHidden, actorHidden: null, criticHidden, activation, sharedTrunk }
  const unused = { actorHidden: null, criticHidden: null, activation: OPTIONS.activation.default as Activation }
  return { network: formatLayers(layers), hidden: OPTIONS.hidden.default as number[], ...unused, sharedTrunk }
}
