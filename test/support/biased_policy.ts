/** Policies that act the same whatever they see. */

import { resolveConfig } from '../../src/config/config'
import { type AnyEnvSpec, actionDim } from '../../src/env/contract'
import { asDense } from '../../src/model/layers'
import { layoutNetwork, networkShape } from '../../src/model/network'
import type { PolicyData } from '../../src/policy/policyfile'

/** Zeros, but for the biases of the last layer: logits, or means. */
export function biasedPolicy(spec: AnyEnvSpec, biases: number[]): PolicyData {
  if (biases.length !== actionDim(spec)) throw new Error(`${spec.id} has ${actionDim(spec)} outputs`)
  const shape = networkShape(spec, resolveConfig({}, { hidden: [4] }, spec))
  const layout = layoutNetwork(shape)
  const params = new Float32Array(layout.paramStride)
  params.set(biases, asDense(layout.actor.at(-1)!).bias)
  return { env: spec.id, environment: null, origin: null, shape, params, normaliser: null, actionScale: null }
}
