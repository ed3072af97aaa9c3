/** What a network is, before it has a layout: its inputs, its hidden layers, its outputs. */
import { type EnvSpec, type GridSpace, hasMask, type Observed, observedShape } from '../env/contract'
import { sizeOf } from '../options/layershapes'
import { isActivation, type LayerSpec, networkLayers } from '../options/layerspec'
import type { Activation, PpoConfig } from '../options/options'
import { type DistributionShape, distributionFor } from './distributions/table'

export interface NetworkShape extends DistributionShape {
  obsDim: number
  /** Numbers that only the critic sees, behind the observation; default 0. */
  privileged?: number
  /** Widths of the hidden layers of the actor. */
  actorHidden: number[]
  /** Widths of the hidden layers of the critic. */
  criticHidden: number[]
  activation: Activation
  /**
   * The hidden layers of both in order, if they are not those of a perceptron; then the widths above are empty, and
   * `activation` is the first of theirs.
   */
  layers?: LayerSpec[]
  /** The observation as the network sees it, if it is a map: with the channels of all stacked frames. */
  observation?: GridSpace
  /** Whether the environment has masks of allowed choices; default false. */
  masked?: boolean
  /** Whether actor and critic share their hidden layers, which then have the same widths; default false. */
  sharedTrunk?: boolean
}

/** Numbers that the critic sees, and that are recorded and normalised: the observation, then the privileged ones. */
export const criticDim = ({ obsDim, privileged = 0 }: Pick<NetworkShape, 'obsDim' | 'privileged'>): number =>
  obsDim + privileged

/** The network of `config` for `spec`. */
export const networkShape = (
  spec: Observed & Pick<EnvSpec, 'actionSpace' | 'wgsl'>,
  config: Pick<PpoConfig, 'hidden' | 'actorHidden' | 'criticHidden' | 'activation'> &
    Partial<Pick<PpoConfig, 'sharedTrunk' | 'network' | 'frameStack'>>,
): NetworkShape => ({
  obsDim: sizeOf(observedShape(spec, config.frameStack)),
  ...(spec.privileged?.length ? { privileged: spec.privileged.length } : {}),
  ...hiddenOf(config),
  ...distributionFor(spec.actionSpace),
  ...(hasMask(spec) ? { masked: true } : {}),
  ...(spec.observation ? { observation: stacked(spec.observation, observedShape(spec, config.frameStack)) } : {}),
  ...(config.sharedTrunk ? { sharedTrunk: true } : {}),
})

const stacked = ({ storage }: GridSpace, shape: number[]): GridSpace => ({
  shape: shape as GridSpace['shape'],
  storage,
})

function hiddenOf(
  config: Pick<PpoConfig, 'hidden' | 'actorHidden' | 'criticHidden' | 'activation'> &
    Partial<Pick<PpoConfig, 'network'>>,
): Pick<NetworkShape, 'actorHidden' | 'criticHidden' | 'activation' | 'layers'> {
  const { hidden, actorHidden, criticHidden, activation, network = 'mlp' } = config
  const layers = networkLayers(network)
  if (layers) return ofLayers(layers)
  return { actorHidden: actorHidden ?? hidden, criticHidden: criticHidden ?? hidden, activation }
}

/** The fields of a network of `layers`: `activation` is the first one, which the fused plan takes for all. */
export const ofLayers = (layers: LayerSpec[]) => ({
  ...{ actorHidden: [], criticHidden: [], layers },
  activation: layers.find(isActivation)?.type ?? ('tanh' as Activation),
})

/** How observations are stored. */
export const storageOf = ({ observation }: Pick<NetworkShape, 'observation'>): GridSpace['storage'] =>
  observation?.storage ?? 'f32'
