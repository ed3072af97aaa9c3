/** The layers whose outputs are maps, and their dispatches for one observation of each agent. */
import { wordsOfRow } from '../../env/grid'
import { wgslConstant } from '../../gpu/shaders'
import type { MapShape } from '../../model/layer'
import type { Layer, NetworkLayout } from '../../model/network'
import type { BufferName } from '../../plan/buffers'
import type { Planned, PlannedDispatch } from '../../plan/dispatches'
import { forward } from '../../plan/passes'
import { recordLayout } from '../../plan/transition'

/** `depth` is its number in the network. */
export interface MapLayer {
  layer: Layer
  depth: number
  shape: MapShape
}

/** The actor's layers before the first whose outputs are a row; none where observations are a row. */
export function mapLayers({ actor, shape }: NetworkLayout): MapLayer[] {
  const list: MapLayer[] = []
  let map = shape.observation?.shape as MapShape | undefined
  for (const [depth, layer] of actor.entries()) {
    if (layer.kind === 'conv' || layer.kind === 'pool') map = layer.outShape
    else if (!map || layer.kind !== 'layer_norm' || layer.pixels === 1) break
    list.push({ layer, depth, shape: map })
  }
  return list
}

/** Where the one observation of each agent is put: what an update would use, in 4-byte words. */
export interface MapInputs {
  inputs: BufferName
  /** Of agent 0. */
  input: number
  agentStride: number
  words: number
}

export function mapInputs({ sizes, layout: { shape } }: Planned): MapInputs {
  const { minibatchSize } = sizes
  const words = wordsOfRow(shape.observation)
  if (words > 0) return { inputs: 'minibatch_observations', input: 0, agentStride: minibatchSize * words, words }
  const { obs, stride, obsStride } = recordLayout(shape)
  return { inputs: 'minibatch', input: obs, agentStride: minibatchSize * stride, words: obsStride }
}

/** Row 0 of each agent through those layers, into the buffers `hidden_<depth>`. */
export function mapDispatches(run: Planned): PlannedDispatch[] {
  const { inputs, input, agentStride, words } = mapInputs(run)
  const list = forward(run, {
    ...{ rows: 1, gate: wgslConstant('shaders/lib/data/agent.wgsl', 'GATE_ROLLOUT'), networks: 'actor' },
    ...{ inputs, input, inputAgentStride: agentStride, inputRowStride: words, outputs: 'heads' },
  })
  const shown = new Set<string>(mapLayers(run.layout).map(({ depth }) => `hidden_${depth}`))
  return list.filter(({ bind }) => shown.has(bind.outputs))
}
