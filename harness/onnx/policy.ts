/**
 * A policy as an ONNX model: from raw observations to the action for the environment, including normalisation, scaling
 * and clipping. All arithmetic is float32.
 */

import { onnxActionOf } from '../../src/model/distributions/onnxtable'
import { actingOf } from '../../src/model/distributions/table'
import { onnxOf } from '../../src/model/layeronnx'
import type { Layer } from '../../src/model/layers'
import { layoutNetwork, type NamedTensor, type NetworkShape, unpackParams } from '../../src/model/network'
import { CLIP, deviationOf, type Running } from '../../src/model/normaliser'
import { BATCH, OnnxGraph, type OnnxValue } from '../../src/model/onnx'
import type { PolicyEnvironment } from '../../src/policy/environment'
import type { PolicyData } from '../../src/policy/policyfile'
import type { Model } from './model'

/** Weights by their names in policy files. */
type Tensors = ReadonlyMap<string, NamedTensor>

/** The name of the normalised observations. */
function normalise(graph: OnnxGraph, x: string, obsDim: number, running: Running): string {
  const mean = running.mean.slice(0, obsDim) // privileged entries are not the actor's
  const deviations = mean.map((_, i) => deviationOf(running, i))
  const centred = graph.add('Sub', [x, graph.constant('obs_mean', mean)], 'obs_centred')
  const scaled = graph.add('Div', [centred, graph.constant('obs_deviation', deviations)], 'obs_scaled')
  const bounds = [graph.constant('clip_low', [-CLIP], []), graph.constant('clip_high', [CLIP], [])]
  return graph.add('Clip', [scaled, ...bounds], 'obs_normalised')
}

/** The name of the observations as the network sees them: bytes are parts of 1. */
function fromBytes(graph: OnnxGraph, { observation }: NetworkShape): string {
  if (observation?.storage !== 'bytes') return 'obs'
  return graph.add('Div', ['obs', graph.constant('most_of_a_byte', [255], [])], 'obs_of_1')
}

/**
 * The layers one after the other; the last one's output is called `output`. The second network reuses the layers of a
 * shared trunk.
 */
function network(graph: OnnxGraph, layers: readonly Layer[], x: string, output: string, tensors: Tensors): void {
  for (const layer of layers) {
    const y = layer === layers.at(-1) ? output : `${layer.name}.${layer.activation}`
    const isThere = graph.nodes.some(({ outputs }) => outputs.includes(y))
    x = isThere ? y : onnxOf(layer)(graph, layer, x, y, (name) => tensors.get(name)!.data)
  }
}

/** Whether the environment must be known: for the bounds of continuous actions. */
export const needsBounds = ({ shape }: Pick<PolicyData, 'shape'>): boolean => actingOf(shape).parts.length === 0

/** @param environment The policy's; may be left out for discrete actions, which have no bounds. */
export function policyModel(
  policy: PolicyData,
  environment:
    | (Partial<Pick<PolicyEnvironment, 'observations'>> & Pick<PolicyEnvironment, 'actions' | 'actionSpace'>)
    | undefined,
  version: string,
): Model {
  const { env, shape, params, normaliser, actionScale } = policy
  const layout = layoutNetwork(shape)
  const { actor, critic } = layout
  const tensors = new Map(unpackParams(layout, params).map((tensor) => [tensor.name, tensor]))
  const graph = new OnnxGraph()
  const inputs: OnnxValue[] = [{ name: 'obs', type: 'float', shape: [BATCH, shape.obsDim] }]
  const seen = normaliser?.obs ? normalise(graph, 'obs', shape.obsDim, normaliser.obs) : fromBytes(graph, shape)
  const { own } = actingOf(shape)
  const onnx = onnxActionOf(shape)
  network(graph, actor, seen, onnx.head(actionScale !== null), tensors)
  if (shape.masked) inputs.push({ name: 'mask', type: 'float', shape: [BATCH, shape.actionDim] })
  const bounds = environment?.actionSpace.kind === 'box' ? environment.actionSpace : null
  const ownData = own && Float32Array.from(tensors.get(own.name)!.data)
  const outputs = onnx.outputs(graph, { masked: shape.masked ?? false, own: ownData, bounds, scale: actionScale })
  // Who uses the model need not know what only the critic saw.
  if (!shape.privileged) {
    network(graph, critic, seen, 'value', tensors)
    outputs.push({ name: 'value', type: 'float', shape: [BATCH, 1] })
  }
  const metadata: Record<string, string> = { env }
  if (environment?.observations) metadata.observations = JSON.stringify(environment.observations)
  if (environment?.actions) metadata.actions = JSON.stringify(environment.actions)
  const { constants, nodes } = graph
  const description = `A policy for ${env}: action is the deterministic action, as the environment takes it.`
  return { name: 'policy', description, producerVersion: version, metadata, inputs, outputs, constants, nodes }
}
