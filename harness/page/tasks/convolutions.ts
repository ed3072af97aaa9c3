/** Times the kernels of convolutions, each in turn with the dense kernel of a matmul with the same M, N and K. */
import { findEnv } from '../../../envs/registry'
import { derivedSizes } from '../../../src/config/config'
import { wordsOfRow } from '../../../src/env/grid'
import { type Gpu, requestGpu } from '../../../src/gpu/device'
import { kernelName } from '../../../src/gpu/shaders'
import type { ConvLayer } from '../../../src/model/conv/layout'
import { denseSizes, weightFloats } from '../../../src/model/dense/layout'
import type { Epilogue, InputStorage } from '../../../src/model/layer'
import type { Layer } from '../../../src/model/layers'
import { layoutNetwork, networkShape } from '../../../src/model/network'
import { storageOf } from '../../../src/model/networkshape'
import type { ConvolutionsArgs, ConvolutionTime } from '../../protocol/protocol'
import { openPasses, type Passes } from './layerpasses'

/** The passes of a layer, and the stems of their kernels behind the kind's name. */
const PASSES = { forward: 'forward', weight: 'backward_weight', input: 'backward_input' } as const

/** Of the convolutions of the first network, on a minibatch of random numbers. */
export async function convolutions({ env, spec, config, rounds, seconds }: ConvolutionsArgs) {
  const shape = networkShape(spec ?? findEnv(env), config)
  const rows = derivedSizes(config).minibatchSize
  const layers = layoutNetwork(shape).networks[0]
  const gpu = await requestGpu()
  const times: ConvolutionTime[] = []
  try {
    for (const [l, layer] of layers.entries()) {
      if (layer.kind !== 'conv') continue
      const storage: InputStorage = l === 0 ? storageOf(shape) : 'hidden'
      const words = l === 0 ? wordsOfRow(shape.observation) : 0
      const before = l === 0 ? 'identity' : layers[l - 1].activation
      times.push(...(await timeLayer(gpu, { layer, rows, before, storage, words }, { rounds, seconds })))
    }
  } finally {
    gpu.device.destroy()
  }
  return { times }
}

interface Wanted {
  layer: ConvLayer
  rows: number
  before: Epilogue
  storage: InputStorage
  /** Words of a row of packed observations, else 0. */
  words: number
}

async function timeLayer(
  gpu: Gpu,
  { layer, rows, before, storage, words }: Wanted,
  { rounds, seconds }: Pick<ConvolutionsArgs, 'rounds' | 'seconds'>,
): Promise<ConvolutionTime[]> {
  const { inShape, outShape, kernel, name } = layer
  const [m, n, k] = [rows * outShape[0] * outShape[1], outShape[2], inShape[2] * kernel * kernel]
  const own = await openPasses(gpu, {
    layer: { ...layer, weight: 0, bias: layer.bias - layer.weight },
    rows,
    before,
    storage,
    words,
  })
  const sizes = denseSizes(name, k, n, layer.activation)
  const matmul: Layer = { ...sizes, weight: 0, bias: weightFloats(sizes) }
  const beside = await openPasses(gpu, { layer: matmul, rows: m, before, storage: 'hidden', words: 0 })
  try {
    const times: ConvolutionTime[] = []
    for (const pass of ['forward', 'weight', 'input'] as const) {
      const stem = own.stems.find((one) => kernelName(one) === `conv_${PASSES[pass]}`)
      if (stem === undefined) continue
      const both = await inTurn([own, stem], [beside, `dense_${PASSES[pass]}`], rounds, seconds)
      times.push({ layer: name, pass, stem, m, n, k, convolution: both[0], matmul: both[1] })
    }
    gpu.check()
    return times
  } finally {
    own.destroy()
    beside.destroy()
  }
}

/** Seconds of one dispatch of each in every round, after one that is not counted. */
async function inTurn(a: [Passes, string], b: [Passes, string], rounds: number, seconds: number) {
  const sides = [a, b]
  const counts: number[] = []
  for (const [passes, stem] of sides) {
    await passes.time(stem, 1)
    counts.push(Math.max(1, Math.ceil(seconds / (await passes.time(stem, 1)))))
  }
  // What one dispatch takes is known better from several: on a GPU waiting for it takes longer than the dispatch.
  for (const [i, [passes, stem]] of sides.entries()) {
    while (counts[i] < 4096 && (await passes.time(stem, counts[i])) < seconds / 2) counts[i] *= 2
  }
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    for (const [i, [passes, stem]] of sides.entries()) times[i].push((await passes.time(stem, counts[i])) / counts[i])
  }
  return times
}
