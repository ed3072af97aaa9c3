/**
 * A policy as an ONNX model: from raw observations to the action that the environment takes, normalisation, scaling and
 * clipping included. All arithmetic is float32.
 */

import { type BoxSpace, type EnvSpec, obsDim } from '../../src/env/contract'
import type { ActionScale } from '../../src/model/actions'
import { type Layer, layoutNetwork, type NamedTensor, unpackParams } from '../../src/model/network'
import { CLIP, deviationOf, type Running } from '../../src/model/normaliser'
import type { Activation } from '../../src/options/options'
import type { PolicyData } from '../../src/policy/policyfile'
import type { Constant, Model, Node, Value } from './model'

/** First axis of every input and output: as many observations as are given. */
const BATCH = 'batch'

/** The nodes that compute each activation of `x` into `y`. */
const ACTIVATIONS: Record<Activation, (x: string, y: string) => Node[]> = {
  tanh: (x, y) => [{ op: 'Tanh', inputs: [x], outputs: [y] }],
  relu: (x, y) => [{ op: 'Relu', inputs: [x], outputs: [y] }],
  silu: (x, y) => [
    { op: 'Sigmoid', inputs: [x], outputs: [`${y}.sigmoid`] },
    { op: 'Mul', inputs: [x, `${y}.sigmoid`], outputs: [y] },
  ],
}

/** Weights by their names in policy files. */
type Tensors = ReadonlyMap<string, NamedTensor>

/** A graph under construction. Each method adds nodes and returns the name of what they compute. */
class Graph {
  readonly constants: Constant[] = []
  readonly nodes: Node[] = []

  constant(name: string, values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
    this.constants.push({ name, shape, data: Float32Array.from(values) })
    return name
  }

  add(op: string, inputs: string[], output: string, attributes?: Node['attributes']): string {
    this.nodes.push({ op, inputs, outputs: [output], attributes })
    return output
  }

  normalise(x: string, running: Running): string {
    const deviations = running.mean.map((_, i) => deviationOf(running, i))
    const centred = this.add('Sub', [x, this.constant('obs_mean', running.mean)], 'obs_centred')
    const scaled = this.add('Div', [centred, this.constant('obs_deviation', deviations)], 'obs_scaled')
    const bounds = [this.constant('clip_low', [-CLIP], []), this.constant('clip_high', [CLIP], [])]
    return this.add('Clip', [scaled, ...bounds], 'obs_normalised')
  }

  /**
   * The layers one after the other, with the activation between them; the last one's output is called `output`. Those of a
   * shared trunk are there when the second network comes to them.
   */
  network(layers: readonly Layer[], x: string, activation: Activation, output: string, tensors: Tensors): string {
    layers.forEach(({ name }, i) => {
      const last = i === layers.length - 1
      if (this.constants.some((constant) => constant.name === `${name}.weight`)) {
        x = `${name}.${activation}`
        return
      }
      const [weight, bias] = ['weight', 'bias'].map((part) => {
        const { data, shape } = tensors.get(`${name}.${part}`)!
        return this.constant(`${name}.${part}`, data, shape)
      })
      const y = this.add('Gemm', [x, weight, bias], last ? output : `${name}.linear`, { transB: 1 })
      if (!last) this.nodes.push(...ACTIVATIONS[activation](y, `${name}.${activation}`))
      x = last ? y : `${name}.${activation}`
    })
    return x
  }
}

/** @param spec The policy's environment; may be left out for discrete actions, which have no bounds. */
export function policyModel(policy: PolicyData, spec: EnvSpec | undefined, version: string): Model {
  const { env, shape, params, normaliser, actionScale } = policy
  const layout = layoutNetwork(shape)
  const { actor, critic } = layout
  const tensors = new Map(unpackParams(layout, params).map((tensor) => [tensor.name, tensor]))
  const graph = new Graph()
  const inputs: Value[] = [{ name: 'obs', type: 'float', shape: [BATCH, shape.obsDim] }]
  const seen = normaliser?.obs ? graph.normalise('obs', normaliser.obs) : 'obs'
  const head = shape.dist === 'categorical' ? 'logits' : actionScale ? 'mean_unit' : 'mean'
  graph.network(actor, seen, shape.activation, head, tensors)
  const outputs =
    shape.dist === 'categorical'
      ? categoricalOutputs(graph, shape.actionDim)
      : gaussianOutputs(graph, tensors, spec!.actionSpace as BoxSpace, actionScale)
  graph.network(critic, seen, shape.activation, 'value', tensors)
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
function categoricalOutputs(graph: Graph, numActions: number): Value[] {
  graph.add('ArgMax', ['logits'], 'action', { axis: 1, keepdims: 0 })
  return [
    { name: 'action', type: 'int64', shape: [BATCH] },
    { name: 'logits', type: 'float', shape: [BATCH, numActions] },
  ]
}

/** The mean, clipped to the bounds of the environment; the mean itself and the log standard deviations beside it, in its units. */
function gaussianOutputs(graph: Graph, tensors: Tensors, { low, high }: BoxSpace, scale: ActionScale | null): Value[] {
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
