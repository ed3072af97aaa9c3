/**
 * Floating-point operations of the algorithm: 2 for each multiplication of a matmul or a convolution, and nothing else. Padding,
 * activations, losses, Adam and the values of final observations are not counted, so that two implementations of the
 * same network are compared by the same work.
 */

import { derivedSizes, type PpoConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { layoutNetwork, multiplications, type NetworkShape, networkShape } from '../../src/model/network'
import type { Unit } from '../protocol/protocol'

/** One observation through actor and critic. */
export function forwardFlops(shape: NetworkShape): number {
  const { layers } = layoutNetwork(shape)
  return 2 * multiplications(layers)
}

/** One sample in one epoch: forward, gradients of all weights, and of all inputs but the observation. */
export function updateFlops(shape: NetworkShape): number {
  const { actor, critic } = layoutNetwork(shape)
  return 3 * forwardFlops(shape) - 2 * multiplications([...new Set([actor[0], critic[0]])])
}

/** One unit of a bench case, all agents together. */
export function unitFlops(unit: Unit, spec: EnvSpec, config: PpoConfig): number {
  const shape = networkShape(spec, config)
  const { batchSize, minibatchSize } = derivedSizes(config)
  const rollout = batchSize * forwardFlops(shape)
  const update = config.updateEpochs * batchSize * updateFlops(shape)
  const minibatch = minibatchSize * updateFlops(shape)
  // Steps of environments alone have no matmuls.
  const perAgent = { iteration: rollout + update, rollout, update, minibatch, steps: 0 }
  return perAgent[unit] * config.numAgents
}
