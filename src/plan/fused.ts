/**
 * The fused plan, for small networks: the rollout is one dispatch, a minibatch three. Activations never leave the
 * workgroup. Uses the same modules for random numbers, distributions, losses and environments as the layered plan.
 */

import { stepLimit } from '../env/contract'
import { ACTIVATIONS } from '../model/activations'
import { asDense, type Layer } from '../model/layers'
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'
import { MAX_LAYERS } from './fusedshape'
import { cutRollout, wholeGroups } from './rolloutcuts'
import { step } from './step'
import { placeTiles, type TilePlaces } from './tiles'

/**
 * `Mlp` of shaders/lib/network/mlp.wgsl: where each layer's weights and regions lie, in vec4s. The quad kernels have their
 * regions in their text (src/plan/quadlayers.ts); their outputs stand at 0.
 */
function mlp(layers: Layer[], { layers: placed, parts }: TilePlaces, quads: boolean) {
  const dense = layers.map((layer, l) => ({
    inWidth: layer.inStride / 4,
    outWidth: layer.outStride / 4,
    weight: asDense(layer).weight / 4,
    bias: asDense(layer).bias / 4,
    ...placed[l],
    activation: ACTIVATIONS[layer.activation],
    ...{ pad0: 0, pad1: 0 },
  }))
  const last = dense[dense.length - 1]
  const unused = Object.fromEntries(Object.keys(last).map((name) => [name, 0])) as typeof last
  const padded = Array.from({ length: MAX_LAYERS }, (_, l) => dense[l] ?? unused)
  return { numLayers: dense.length, head: quads ? 0 : last.output, headWidth: last.outWidth, parts, layers: padded }
}

/** What the kernels know of the networks. With a shared trunk there is one network, and the second place is not read. */
function networkArgs({ layout, fused }: Planned, rows: number, gradient: boolean) {
  const all = layout.networks.map((layers) => mlp(layers, placeTiles(layers, rows, gradient), fused!.quads !== null))
  const { head, headWidth } = all.at(-1)!
  return { valueNetwork: all.length - 1, value: head + headWidth - 1, networks: [all[0], all.at(-1)!] }
}

const flopsPerRow = (layers: Layer[]): number => layers.reduce((sum, l) => sum + 2 * l.inStride * l.outStride, 0)

/** Rollout, values and advantages: one dispatch, or several if one would take too long. */
export function rollout(run: Planned): PlannedDispatch[] {
  const { numEnvs, numSteps, parameterStride } = run.sizes
  const { envTile, valueRows, quads, together } = run.fused!
  const args = {
    ...{ numEnvs, numSteps, parameterStride },
    own: Math.max(run.layout.own, 0),
    maxEpisodeSteps: stepLimit(run.spec!),
    ...{ tile: envTile, valueRows },
    ...networkArgs(run, valueRows, false),
  }
  const networks = run.layout.networks.map(flopsPerRow)
  const stem = quads ? 'quad_rollout' : 'fused_rollout'
  return cutRollout(run, { stem, args, envTile, together, stepsAlone: quads?.stepsAlone, networks })
}

/** One optimiser step on one minibatch: gradient (in ranges of partials if it is long), reduce, step. */
export function updateMinibatch(run: Planned, epoch: number, minibatch: number): PlannedDispatch[] {
  const { sizes, layout } = run
  const { numAgents, numEnvs, batchSize, minibatchSize, numUpdates, stopStride, parameterStride } = sizes
  const { tile, rowsPerPartial, numPartials, quads, together } = run.fused!
  const stem = quads ? 'quad_gradient' : 'fused_gradient'
  const update = epoch * sizes.numMinibatches + minibatch
  const flopsOfAll = layout.networks.reduce((sum, layers) => sum + flopsPerRow(layers), 0)
  const flopsPerPartial = 3 * rowsPerPartial * flopsOfAll * numAgents
  const atOnce = Math.min(numPartials, wholeGroups(run.flopsPerDispatch / flopsPerPartial, together))
  const gradient = {
    ...{ numEnvs, batchSize, minibatchSize, numUpdates, stopStride, parameterStride, numPartials, rowsPerPartial },
    ...{ own: Math.max(layout.own, 0), epoch, minibatch, update, tile },
    ...networkArgs(run, tile, true),
  }
  const list: PlannedDispatch[] = []
  for (let firstPartial = 0; firstPartial < numPartials; firstPartial += atOnce) {
    const count = Math.min(atOnce, numPartials - firstPartial)
    const flops = count * flopsPerPartial
    const args = { ...gradient, firstPartial }
    list.push(dispatch(stem, args, [Math.ceil(count / together), 1, layout.networks.length * numAgents], { flops }))
  }
  return [...list, ...step(run, update, numPartials)]
}
