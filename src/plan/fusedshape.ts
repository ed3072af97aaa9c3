/** How the fused kernels are split into tiles, and which networks they support. */
import type { PpoConfig } from '../config/config'
import { isPacked } from '../env/contract'
import { largest } from '../extremes'
import { wgslConstant } from '../gpu/shaders'
import { round4 } from '../model/layer'
import { kindOf } from '../model/layers'
import type { NetworkLayout } from '../model/network'
import { type Adapter, type AdapterClass, classOf } from './adapterclass'
import { type QuadShape, quadLayers, weightVecs } from './quadlayers'
import { placeTiles } from './tiles'

/** The most layers of a network. */
export const MAX_LAYERS = wgslConstant('shaders/lib/network/mlp.wgsl', 'MAX_LAYERS')

/**
 * How the fused kernels are split. Rows and partials change the order of summation, so they depend only on the
 * per-agent shape and the adapter class; the number of threads does not change results.
 */
export interface FusedShape {
  /** Rows of a minibatch that a workgroup processes at a time, and vec4s of workgroup memory for their activations. */
  tile: number
  actSize: number
  /** Environments per workgroup, observations whose values it computes at a time, and vec4s of workgroup memory for those. */
  envTile: number
  valueRows: number
  envActSize: number
  rowsPerPartial: number
  numPartials: number
  gradientThreads: number
  rolloutThreads: number
  /** The layers that the quad kernels are made for, if they are used; null for tiles. */
  quads: QuadShape | null
  /** Quads in a workgroup, and 1 for tiles; no bit depends on it. */
  together: number
}

/** A quad takes this many rows of a minibatch at a time, and this many environments: one for each lane. */
export const QUAD_ROWS = wgslConstant('shaders/lib/network/quad.wgsl', 'LANES')
/**
 * The most weights per lane, in vec4s; with more, compiling takes longer than training. lavapipe compiles about ten times
 * as long as SwiftShader: two networks of 2 x 64 units are about its most.
 */
export const MOST_WEIGHTS: Record<AdapterClass, number> = { swiftshader: 1500, lavapipe: 900, software: 0, hardware: 0 }

/** The layers of the quad kernels; null on adapters without them, and for networks with too many weights for a lane. */
export function quadShape(layout: NetworkLayout, adapter: AdapterClass): QuadShape | null {
  const shape = quadLayers(layout)
  return weightVecs(shape.rollout) > MOST_WEIGHTS[adapter] ? null : shape
}

/** What the split depends on. Without limits they are those that are usual for the class. */
export type FusedAdapter = Pick<Adapter, 'software' | 'quads' | 'lavapipe'> & {
  limits?: Pick<Adapter['limits'], 'maxComputeWorkgroupStorageSize'>
}

/** Workgroup memory for the plan: the amount that every adapter has; on the CPU up to twice that, where the device has it. */
export const workgroupBytes = (adapter: FusedAdapter): number =>
  adapter.software ? Math.min(32768, Math.max(16384, adapter.limits?.maxComputeWorkgroupStorageSize ?? 32768)) : 16384

/** Rows of a tile, the best first: 16 need the fewest loads of weights. */
const TILE_ROWS = [16, 8, 4]

/** vec4s of `act` for `rows` rows of the wider network. */
const actSize = ({ networks }: NetworkLayout, rows: number, gradient: boolean): number =>
  largest(networks.map((layers) => placeTiles(layers, rows, gradient).size))

/** Bytes of fused_gradient with tiles of `rows` rows: activations, sums per row, record numbers. */
const gradientBytes = (layout: NetworkLayout, rows: number): number =>
  16 * actSize(layout, rows, true) + rows * (16 * (4 + round4(layout.shape.actionDim) / 4) + 4)

/** Why the fused plan does not support a network; null if it does. */
export function whyNotFused(layout: NetworkLayout, adapter: FusedAdapter): string | null {
  const { networks, shape } = layout
  if (isPacked(shape)) return 'packed observations'
  if (shape.privileged) return 'privileged observations, which it cannot give to the critic alone'
  for (const layers of networks) {
    for (const layer of layers) {
      const why = kindOf(layer).whyNotFused(layer, layer === layers.at(-1))
      if (why) return why
    }
  }
  const others = networks
    .flatMap((layers) => layers.slice(0, -1))
    .filter((l) => l.activation !== layout.shape.activation)
  if (others.length > 0) return `layers with other activations than ${layout.shape.activation}, or none`
  if (networks.some((layers) => layers.length > MAX_LAYERS)) return `more than ${MAX_LAYERS} layers`
  const fewest = TILE_ROWS.at(-1)!
  const bytes = gradientBytes(layout, fewest)
  const most = workgroupBytes(adapter)
  return bytes > most ? `${fewest} rows need ${bytes} bytes of workgroup memory, of ${most}` : null
}

/**
 * The split for a configuration that `whyNotFused` allows. Quads are several times as fast as tiles, where the adapter has
 * them.
 */
export function fusedShape(
  config: PpoConfig,
  layout: NetworkLayout,
  minibatchSize: number,
  adapter: FusedAdapter,
): FusedShape {
  const tiles = tileShape(config, layout, minibatchSize, adapter)
  const quads = quadShape(layout, classOf(adapter))
  const together = adapter.quads
  return quads ? { ...tiles, ...quadCuts(minibatchSize), quads, together } : tiles
}

function quadCuts(minibatchSize: number): Pick<FusedShape, 'tile' | 'envTile' | 'rowsPerPartial' | 'numPartials'> {
  // A partial costs as much as about 30 rows: its weights are loaded and its gradient is stored number by number.
  const rowsPerPartial = Math.max(128, Math.ceil(Math.ceil(minibatchSize / 4) / QUAD_ROWS) * QUAD_ROWS)
  const numPartials = Math.ceil(minibatchSize / rowsPerPartial)
  return { tile: QUAD_ROWS, envTile: QUAD_ROWS, rowsPerPartial, numPartials }
}

function tileShape(config: PpoConfig, layout: NetworkLayout, minibatchSize: number, adapter: FusedAdapter): FusedShape {
  const { software } = adapter
  const tile = TILE_ROWS.find((rows) => gradientBytes(layout, rows) <= workgroupBytes(adapter))!
  // A gradient needs more memory than a rollout, so that its rows also fit there.
  const envTile = Math.min(
    tile,
    software ? Math.max(4, Math.ceil(config.numEnvs / 8) * 4) : envsPerTile(config.numEnvs),
  )
  // Few partials for few cores; on a GPU enough to fill it, but each is written and read once.
  const rows = software
    ? Math.max(2 * tile, Math.ceil(minibatchSize / 4))
    : Math.max(64, Math.ceil(minibatchSize / 128))
  const rowsPerPartial = Math.ceil(rows / tile) * tile
  return {
    tile,
    actSize: actSize(layout, tile, true),
    envTile,
    valueRows: tile,
    envActSize: actSize(layout, tile, false),
    rowsPerPartial,
    numPartials: Math.ceil(minibatchSize / rowsPerPartial),
    gradientThreads: software ? 4 : 64,
    rolloutThreads: software ? 4 : 64,
    ...{ quads: null, together: 1 },
  }
}

/** The steps of an environment follow one another: small tiles, on more of the GPU, as long as they are few. */
const envsPerTile = (numEnvs: number): number => (numEnvs <= 256 ? 4 : numEnvs <= 1024 ? 8 : 16)

/** `override` constants of the fused kernels. */
export const fusedOverrides = (shape: FusedShape): Record<string, Record<string, number>> => ({
  fused_rollout: { WORKGROUP: shape.rolloutThreads, TILE: shape.envTile, ACT_SIZE: shape.envActSize },
  fused_gradient: { WORKGROUP: shape.gradientThreads, TILE: shape.tile, ACT_SIZE: shape.actSize },
  quad_rollout: { TOGETHER: shape.together },
  quad_gradient: { TOGETHER: shape.together },
})
