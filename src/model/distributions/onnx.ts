/** A distribution's part of an ONNX model: nodes from the network's outputs to the deterministic action. */
import type { BoxSpace } from '../../env/contract'
import type { ActionScale } from '../actions'
import type { OnnxGraph, OnnxValue } from '../onnx'

/** The properties of a policy that determine the nodes. */
export interface OnnxPolicy {
  /** The model has an input `mask`, [batch][actionDim], where 0 forbids a choice. */
  masked: boolean
  /** The distribution's own parameters; null if it has none. */
  own: Float32Array | null
  /** Bounds of the environment's actions; null unless they are a box. */
  bounds: BoxSpace | null
  /** The bounds that correspond to the network's [-1, 1]; null if it acts in the environment's units. */
  scale: ActionScale | null
}

export interface OnnxAction {
  /** The name of the network's outputs in the graph. */
  head(scaled: boolean): string
  /** Adds the nodes, and returns the outputs of the model that they compute; `action` is the first. */
  outputs(graph: OnnxGraph, policy: OnnxPolicy): OnnxValue[]
}
