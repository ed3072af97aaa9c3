/** One layer of actor and critic for several agents, with gaps in the layout: shared by the three matmul tests. */

import { ACTIVATIONS } from '../../src/model/activations'
import type { Epilogue } from '../../src/model/layer'
import { asDense } from '../../src/model/layers'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { gates, randomNumbers, TAIL, unwritten } from '../support/kernel'

/** Widths 1, 3, 5, 33 and 100; actor and critic differ in every layer. */
const SHAPE: NetworkShape = {
  obsDim: 3,
  actionDim: 5,
  actorHidden: [33, 100],
  criticHidden: [100, 5],
  activation: 'tanh',
  dist: 'categorical',
}
export const layout = layoutNetwork(SHAPE)
export const NUM_AGENTS = 3
/** The second agent is halted. */
export const LIVE = [0, 2]
const GATE = 2
const STOP_STRIDE = 5

export interface DenseCase {
  layer: number
  rows: number
  activation: Epilogue
  tileColumns: number
  /** The critic alone, as for passes that need only values. */
  criticOnly?: boolean
  rowsPerPartial?: number
}

const GAP = 4

export function denseCase(c: DenseCase) {
  const { layer: l, rows, activation, tileColumns, criticOnly = false } = c
  const layers = [layout.actor[l], layout.critic[l]].map(asDense)
  const rowsPerPartial = c.rowsPerPartial ?? rows
  const numPartials = Math.ceil(rows / rowsPerPartial)
  // With silu, the activation's inputs follow its outputs.
  const copies = activation === 'silu' ? 2 : 1
  let inputs = 8
  let outputs = 12
  const networks = layers.map((layer) => {
    const inputRowStride = layer.inStride + GAP
    const outputRowStride = layer.outStride + GAP
    const network = {
      inWidth: layer.inStride,
      outWidth: layer.outStride,
      weight: layer.weight,
      bias: layer.bias,
      input: inputs,
      inputAgentStride: copies * rows * inputRowStride + GAP,
      inputRowStride,
      output: outputs,
      outputAgentStride: copies * rows * outputRowStride + GAP,
      outputRowStride,
      tileColumns,
      activation: ACTIVATIONS[activation],
    }
    inputs += NUM_AGENTS * network.inputAgentStride
    outputs += NUM_AGENTS * network.outputAgentStride
    return network
  })
  const used = criticOnly ? [1] : [0, 1]
  const args = {
    rows,
    gate: GATE,
    stopStride: STOP_STRIDE,
    parameterStride: layout.paramStride,
    rowsPerPartial,
    numPartials,
    numLayers: used.length,
    layers: criticOnly ? [networks[1], networks[1]] : networks,
  }
  /** Floats of one agent's input or output matrix, [copy][row][stride without the gap]; `at` their places in the buffer. */
  const matrix = (n: number, agent: number, side: 'input' | 'output', count = copies) => {
    const network = networks[n]
    const width = side === 'input' ? network.inWidth : network.outWidth
    const at = (i: number) =>
      network[side] +
      agent * network[`${side}AgentStride`] +
      Math.floor(i / width) * network[`${side}RowStride`] +
      (i % width)
    return { width, dim: side === 'input' ? layers[n].inDim : layers[n].outDim, size: count * rows * width, at }
  }
  /** A buffer of `side` whose matrices hold `value(n)`, padding 0; the gaps are NaN. */
  const fill = (side: 'input' | 'output', value: () => number): Float32Array => {
    const buffer = unwritten(side === 'input' ? inputs : outputs)
    for (const n of [0, 1]) {
      for (let agent = 0; agent < NUM_AGENTS; agent++) {
        const { size, width, dim, at } = matrix(n, agent, side)
        for (let i = 0; i < size; i++) buffer[at(i)] = i % width < dim ? value() : 0
      }
    }
    return buffer
  }
  const read = (
    data: Float32Array,
    n: number,
    agent: number,
    side: 'input' | 'output',
    count = copies,
  ): Float32Array => {
    const { size, at } = matrix(n, agent, side, count)
    return Float32Array.from({ length: size }, (_, i) => data[at(i)])
  }
  /** Indices that the kernel writes: those of running agents and used networks. */
  const written = (side: 'input' | 'output', count = copies): Set<number> => {
    const places = new Set<number>()
    for (const n of used) {
      for (const agent of LIVE) {
        const { size, at } = matrix(n, agent, side, count)
        for (let i = 0; i < size; i++) places.add(at(i))
      }
    }
    return places
  }
  const tiles = (tiled: 'inWidth' | 'outWidth'): [number, number, number] => [
    Math.max(...used.map((n) => Math.ceil(networks[n][tiled] / 4 / tileColumns))),
    Math.ceil(Math.ceil(rows / 8) / (64 / tileColumns)),
    NUM_AGENTS * used.length,
  ]
  return {
    args,
    copies,
    layers,
    used,
    random: randomNumbers(rows * 10 + l),
    stop: gates(NUM_AGENTS, STOP_STRIDE, { 1: [GATE], 2: [0, 1, 3, 4] }),
    inputSize: inputs,
    outputSize: outputs,
    fill,
    read,
    written,
    tiles,
  }
}

/** Parameters of the agents: weights and biases random, padding 0. */
export function randomParameters(random: () => number): Float32Array {
  const parameters = new Float32Array(NUM_AGENTS * layout.paramStride + TAIL).fill(Number.NaN)
  for (let agent = 0; agent < NUM_AGENTS; agent++) {
    const own = parameters.subarray(agent * layout.paramStride, (agent + 1) * layout.paramStride).fill(0)
    for (const layer of [...layout.actor, ...layout.critic].map(asDense)) {
      for (let o = 0; o < layer.outDim; o++) {
        own[layer.bias + o] = random()
        for (let i = 0; i < layer.inDim; i++) own[layer.weight + o * layer.inStride + i] = random()
      }
    }
  }
  return parameters
}

/** One agent's. */
export const ofAgent = (parameters: Float32Array, agent: number): Float32Array =>
  parameters.subarray(agent * layout.paramStride, (agent + 1) * layout.paramStride)
