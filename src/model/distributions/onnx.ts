/** What a distribution adds to an ONNX model: nodes from the network's outputs to the deterministic action. */
import type { BoxSpace } from '../../env/contract'
import type { ActionScale } from '../actions'
import type { OnnxGraph, OnnxValue } from '../onnx'

/** What of a policy the nodes follow from. */
export interface OnnxPolicy {
  /** The model has an input `mask`, [batch][actionDim], where 0 forbids a choice. */
  masked: boolean
  /** The distribution's own parameters; null where it has none. */
  own: Float32Array | null
  /** Of the environment's actions; null where they are no box. */
  bounds: BoxSpace | null
  /** The bounds that the network's [-1, 1] stands for; null where it acts in the environment's units. */
  scale: ActionScale | null
}

export interface OnnxAction {
  /** The name of the network's outputs in the graph. */
  head(scaled: boolean): string
  /** Adds the nodes, and returns the outputs of the model that they compute; `action` is the first. */
  outputs(graph: OnnxGraph, policy: OnnxPolicy): OnnxValue[]
}
