/**
 * The filters of a network that begins with a convolution, and the maps that its layers make of one watched environment:
 * computed on the GPU for that one observation, and only they are read back.
 */
import { entryOf, seen } from '../../env/grid'
import { patiently } from '../../gpu/patience'
import type { ConvLayer } from '../../model/conv/layout'
import { type MapShape, outputCopies, round4, sizeOfMap } from '../../model/layer'
import type { Layer, NetworkShape } from '../../model/network'
import type { Run } from '../../run/run'
import type { ChannelMaps, FeatureMaps } from '../protocol'
import { type MapLayer, mapInputs, mapLayers } from './maplayers'
import type { Watch } from './watch'

/** Filters that are shown: the first ones. */
const MOST_FILTERS = 64
/** Floats of a layer's maps; larger ones are not read. */
const MOST_FLOATS = 2 ** 18

/** A piece of a buffer that is read. */
interface Piece {
  buffer: GPUBuffer
  at: number
  bytes: number
}

export class FeatureMapReader {
  private busy = false
  private latest = ''
  private readonly layers: MapLayer[]
  private readonly filters: number
  private staging: GPUBuffer | undefined

  /** @param conv The first layer of the run's networks. */
  constructor(
    private readonly run: Run,
    private readonly conv: ConvLayer,
  ) {
    this.layers = mapLayers(run.layout)
    this.filters = Math.min(conv.outShape[2], MOST_FILTERS)
  }

  /**
   * For environment `index`, [agent][env], of `watch`; without it only the filters, of agent `agent`. Undefined while
   * another read is pending, and where nothing has changed since: `iterations` are those of training.
   */
  async read(watch: Watch | undefined, index: number, iterations: number): Promise<FeatureMaps | undefined> {
    const key = [iterations, index, watch?.started ? watch.steps : -1].join()
    if (this.busy || key === this.latest) return undefined
    this.busy = true
    try {
      const maps = await this.readBack(watch?.started ? watch : undefined, index)
      this.latest = key
      return maps
    } finally {
      this.busy = false
    }
  }

  private async readBack(watch: Watch | undefined, index: number): Promise<FeatureMaps> {
    const { run, conv, filters } = this
    const agent = Math.floor(index / (watch?.run ?? run).sizes.numEnvs)
    const pieces = [this.filterPiece(agent), ...(watch ? this.mapPieces(watch, agent) : [])]
    const bytes = pieces.reduce((sum, piece) => sum + (piece?.bytes ?? 0), 0)
    const staging = this.stagingOf(bytes)
    const encoder = run.gpu.device.createCommandEncoder({ label: 'feature maps' })
    watch?.encodeMaps(encoder, index)
    let at = 0
    const places = pieces.map((piece) => {
      if (!piece) return null
      encoder.copyBufferToBuffer(piece.buffer, piece.at, staging, at, piece.bytes)
      at += piece.bytes
      return { offset: at - piece.bytes, length: piece.bytes / 4 }
    })
    run.gpu.device.queue.submit([encoder.finish()])
    await patiently(run.gpu.device, 'feature maps', staging.mapAsync(GPUMapMode.READ))
    const copy = staging.getMappedRange().slice(0)
    staging.unmap()
    const [weights, observation, ...maps] = places.map(
      (place) => place && ([copy, place.offset, place.length] as const),
    )
    const { kernel, inShape, outShape } = conv
    const values = unpackFilters(new Float32Array(...weights!), filters, kernel, inShape[2])
    return {
      agent,
      filters: { kernel, filters, outOf: outShape[2], inputs: inShape[2], values },
      maps: watch
        ? [
            {
              ...named('observation', inShape),
              values: observed(run.layout.shape, inShape, new Uint32Array(...observation!)),
            },
            ...this.layers.map(({ layer, shape }, i) => ({
              ...named(titleOf(layer), shape),
              values: maps[i] && unpackMap(new Float32Array(...maps[i]), shape),
            })),
          ]
        : null,
    }
  }

  private filterPiece(agent: number): Piece {
    const { run, conv, filters } = this
    const bytes = 4 * filters * conv.kernel ** 2 * round4(conv.inShape[2])
    return { buffer: run.buffers.parameters, at: 4 * (agent * run.layout.paramStride + conv.weight), bytes }
  }

  /** The observation, and each layer's outputs; null where there are too many. */
  private mapPieces({ run }: Watch, agent: number): (Piece | null)[] {
    const { inputs, input, agentStride, words } = mapInputs(run)
    return [
      { buffer: run.buffers[inputs], at: 4 * (input + agent * agentStride), bytes: 4 * words },
      ...this.layers.map(({ layer, depth }) =>
        layer.outStride > MOST_FLOATS
          ? null
          : {
              buffer: run.buffers[`hidden_${depth}`],
              at: 4 * agent * layer.outStride * outputCopies(layer),
              bytes: 4 * layer.outStride,
            },
      ),
    ]
  }

  private stagingOf(bytes: number): GPUBuffer {
    if (this.staging?.size === bytes) return this.staging
    this.staging?.destroy()
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ
    this.staging = this.run.gpu.device.createBuffer({ label: 'maps.staging', size: bytes, usage })
    return this.staging
  }

  destroy(): void {
    this.staging?.destroy()
  }
}

const named = (name: string, [height, width, channels]: MapShape): Omit<ChannelMaps, 'values'> => ({
  ...{ name, height, width, channels },
})

function titleOf(layer: Layer): string {
  const what =
    layer.kind === 'conv'
      ? `conv ${layer.kernel} × ${layer.kernel}`
      : layer.kind === 'pool'
        ? `${layer.op} pool ${layer.kernel} × ${layer.kernel}`
        : 'layer norm'
  return layer.activation === 'identity' ? what : `${what}, ${layer.activation}`
}

/** Of [out][ky][kx][in, padded]: [out][in][ky][kx]. */
function unpackFilters(padded: Float32Array, filters: number, kernel: number, inputs: number): Float32Array {
  const size = kernel * kernel
  const values = new Float32Array(filters * inputs * size)
  for (let o = 0; o < filters; o++) {
    const from = padded.subarray(o * size * round4(inputs))
    values.set(unpackMap(from, [kernel, kernel, inputs]), o * inputs * size)
  }
  return values
}

/** Of [y][x][channel, padded]: [channel][y][x]. */
function unpackMap(padded: Float32Array, shape: MapShape): Float32Array {
  return turned(shape, (pixel, channel) => padded[pixel * round4(shape[2]) + channel])
}

/** The observation of packed words, or of floats. */
function observed({ observation }: NetworkShape, shape: MapShape, words: Uint32Array): Float32Array {
  const { storage } = observation!
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length)
  return turned(shape, (pixel, channel) => {
    const k = pixel * shape[2] + channel
    return storage === 'f32' ? floats[k] : seen(storage, entryOf(storage, words, 0, k))
  })
}

function turned(shape: MapShape, at: (pixel: number, channel: number) => number): Float32Array {
  const pixels = shape[0] * shape[1]
  return Float32Array.from({ length: sizeOfMap(shape) }, (_, i) => at(i % pixels, Math.floor(i / pixels)))
}
