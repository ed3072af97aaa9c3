/**
 * A policy as an ONNX model: from raw observations to the action that the environment takes, normalisation, scaling and
 * clipping included. All arithmetic is float32.
 */

import { type BoxSpace, type EnvSpec, obsDim } from '../../src/env/contract'
import type { ActionScale } from '../../src/model/actions'
import { kindOf, type Layer } from '../../src/model/layers'
import { layoutNetwork, type NamedTensor, unpackParams } from '../../src/model/network'
import { CLIP, deviationOf, type Running } from '../../src/model/normaliser'
import { OnnxGraph } from '../../src/model/onnx'
import type { PolicyData } from '../../src/policy/policyfile'
import type { Model, Value } from './model'

/** First axis of every input and output: as many observations as are given. */
const BATCH = 'batch'

/** Weights by their names in policy files. */
type Tensors = ReadonlyMap<string, NamedTensor>

/** The name of the normalised observations. */
function normalise(graph: OnnxGraph, x: string, running: Running): string {
  const deviations = running.mean.map((_, i) => deviationOf(running, i))
  const centred = graph.add('Sub', [x, graph.constant('obs_mean', running.mean)], 'obs_centred')
  const scaled = graph.add('Div', [centred, graph.constant('obs_deviation', deviations)], 'obs_scaled')
  const bounds = [graph.constant('clip_low', [-CLIP], []), graph.constant('clip_high', [CLIP], [])]
  return graph.add('Clip', [scaled, ...bounds], 'obs_normalised')
}

/**
 * The layers one after the other; the last one's output is called `output`. Those of a shared trunk are there when the
 * second network comes to them.
 */
function network(graph: OnnxGraph, layers: readonly Layer[], x: string, output: string, tensors: Tensors): void {
  for (const layer of layers) {
    const y = layer === layers.at(-1) ? output : `${layer.name}.${layer.activation}`
    const isThere = graph.nodes.some(({ outputs }) => outputs.includes(y))
    x = isThere ? y : kindOf(layer).onnx(graph, layer, x, y, (name) => tensors.get(name)!.data)
  }
}

/** @param spec The policy's environment; may be left out for discrete actions, which have no bounds. */
export function policyModel(policy: PolicyData, spec: EnvSpec | undefined, version: string): Model {
  const { env, shape, params, normaliser, actionScale } = policy
  const layout = layoutNetwork(shape)
  const { actor, critic } = layout
  const tensors = new Map(unpackParams(layout, params).map((tensor) => [tensor.name, tensor]))
  const graph = new OnnxGraph()
  const inputs: Value[] = [{ name: 'obs', type: 'float', shape: [BATCH, shape.obsDim] }]
  const seen = normaliser?.obs ? normalise(graph, 'obs', normaliser.obs) : 'obs'
  const head = shape.dist === 'categorical' ? 'logits' : actionScale ? 'mean_unit' : 'mean'
  network(graph, actor, seen, head, tensors)
  const outputs =
    shape.dist === 'categorical'
      ? categoricalOutputs(graph, shape.actionDim)
      : gaussianOutputs(graph, tensors, spec!.actionSpace as BoxSpace, actionScale)
  network(graph, critic, seen, 'value', tensors)
  outputs.push({ name: 'value', type: 'float', shape: [BATCH, 1] })
  const metadata: Record<string, string> = { env }
  if (spec && obsDim(spec) === shape.obsDim) {
    metadata.observations = JSON.stringify(spec.observations)
    metadata.actions = JSON.stringify(spec.actions)
  }
  const { constants, nodes } = graph
  const description = `A policy for ${env}: action is the deterministic action, as the environment takes it.`
  return { name: 'policy', description, producerVersion: version, metadata, inputs, outputs, constants, nodes }
}

/** The index of the largest logit, the first of equals. */
function categoricalOutputs(graph: OnnxGraph, numActions: number): Value[] {
  graph.add('ArgMax', ['logits'], 'action', { axis: 1, keepdims: 0 })
  return [
    { name: 'action', type: 'int64', shape: [BATCH] },
    { name: 'logits', type: 'float', shape: [BATCH, numActions] },
  ]
}

/** The mean, clipped to the bounds of the environment; the mean itself and the log standard deviations beside it, in its units. */
function gaussianOutputs(
  graph: OnnxGraph,
  tensors: Tensors,
  { low, high }: BoxSpace,
  scale: ActionScale | null,
): Value[] {
  const logStd = Float32Array.from(tensors.get('log_std')!.data)
  if (scale) {
    const halves = scale.low.map((bound, i) => scale.high[i] / 2 - bound / 2)
    const middles = scale.low.map((bound, i) => bound / 2 + scale.high[i] / 2)
    const wide = graph.add('Mul', ['mean_unit', graph.constant('action_half', halves)], 'mean_wide')
    graph.add('Add', [wide, graph.constant('action_middle', middles)], 'mean')
    for (const [i, half] of halves.entries()) logStd[i] += Math.log(half)
  }
  const raised = graph.add('Max', ['mean', graph.constant('action_low', low)], 'mean_raised')
  graph.add('Min', [raised, graph.constant('action_high', high)], 'action')
  graph.add('Identity', [graph.constant('log_std_weight', logStd)], 'log_std')
  return [
    { name: 'action', type: 'float', shape: [BATCH, low.length] },
    { name: 'mean', type: 'float', shape: [BATCH, low.length] },
    { name: 'log_std', type: 'float', shape: [low.length] },
  ]
}
