/**
 * The fused plan of networks with convolutions on packed observations: grid_rollout does the steps, the values and the
 * advantages. Updates are those of the layered plan, whose matrix products are long enough to be dispatches of their own.
 */
import { stepLimit } from '../env/contract'
import { ACTIVATIONS } from '../model/activations'
import { round4 } from '../model/layer'
import { observedChannels } from '../model/layerkernels'
import type { Layer } from '../model/layers'
import { multiplications } from '../model/network'
import type { Planned, PlannedDispatch } from './dispatches'
import { type GridPlace, inputVecs, MAX_GRID_LAYERS, placeGrid } from './gridshape'
import { beginRollout, copyFrames } from './observing'
import { cutRollout } from './rolloutcuts'

const KINDS = { dense: 0, conv: 1, max: 2, avg: 3 }
const vecs = (channels: number): number => round4(channels) / 4

/** `GridLayer` of shaders/lib/network/grid_layers.wgsl. */
function gridLayer(layer: Layer, place: GridPlace) {
  const common = {
    ...{ ...place, inStride: inputVecs(layer), outStride: layer.outStride / 4 },
    ...{ activation: ACTIVATIONS[layer.activation], pad0: 0, pad1: 0 },
  }
  if (layer.kind === 'dense') {
    const one = { height: 1, width: 1, outHeight: 1, outWidth: 1, kernel: 1, stride: 1, padding: 0 }
    const [inVecs, outVecs] = [layer.inStride / 4, layer.outStride / 4]
    return { ...common, ...one, kind: KINDS.dense, inVecs, outVecs, weight: layer.weight / 4, bias: layer.bias / 4 }
  }
  if (layer.kind === 'layer_norm')
    throw new Error(`layer ${layer.name}: a layer norm, which the fused plan cannot take`)
  const { inShape, outShape, kernel, stride } = layer
  const weights =
    layer.kind === 'conv'
      ? { kind: KINDS.conv, padding: layer.padding, weight: layer.weight / 4, bias: layer.bias / 4 }
      : { kind: KINDS[layer.op], padding: 0, weight: 0, bias: 0 }
  return {
    ...{ ...common, ...weights, kernel, stride },
    ...{ height: inShape[0], width: inShape[1], inVecs: vecs(inShape[2]) },
    ...{ outHeight: outShape[0], outWidth: outShape[1], outVecs: vecs(outShape[2]) },
  }
}

/** `Mlp` of the same module. */
function gridNetwork(layers: Layer[], rows: number) {
  const places = placeGrid(layers, rows).layers
  const all = layers.map((layer, l) => gridLayer(layer, places[l]))
  const { output: head, outVecs: headWidth } = all.at(-1)!
  const unused = Object.fromEntries(Object.keys(all[0]).map((name) => [name, 0])) as (typeof all)[0]
  const padded = Array.from({ length: MAX_GRID_LAYERS }, (_, l) => all[l] ?? unused)
  const channels = observedChannels(layers[0])
  const pads = { pad0: 0, pad1: 0, pad2: 0 }
  return { numLayers: all.length, head, headWidth, channels, pixelVecs: vecs(channels), ...pads, layers: padded }
}

/** First observations; then steps, values and advantages in one dispatch, or in several if one would take too long. */
export function rollout(run: Planned): PlannedDispatch[] {
  const { numEnvs, numSteps, parameterStride } = run.sizes
  const { rows } = run.grid!
  const { networks: all } = run.layout
  const networks = all.map((layers) => gridNetwork(layers, rows))
  const { head, headWidth } = networks.at(-1)!
  const args = {
    ...{ numEnvs, numSteps, parameterStride, own: Math.max(run.layout.own, 0), maxEpisodeSteps: stepLimit(run.spec!) },
    ...{ tile: rows, valueRows: rows, valueNetwork: all.length - 1, value: head + headWidth - 1 },
    networks: [networks[0], networks.at(-1)!],
  }
  const flops = all.map((layers) => 2 * multiplications(layers))
  return [
    ...beginRollout(run),
    ...cutRollout(run, { stem: 'grid_rollout', args, envTile: rows, together: 1, networks: flops }),
    ...(run.config.frameStack > 1 ? [copyFrames(run, 'to frames', numSteps)] : []),
  ]
}
