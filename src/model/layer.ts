/**
 * The interface of a kind of layer. A network is a list of layers; each kind has its own folder, `src/model/<kind>/`,
 * with its kernels, and provides five objects. Each is listed in a file of its own, so that an app that only loads a
 * policy bundles neither initial weights nor the export:
 *
 * - a `LayerKind`: layout of its parameters; src/model/layers.ts;
 * - a `LayerInit`: its initial weights; src/model/layerinits.ts;
 * - a `LayerOnnx`: its nodes in an exported model; src/model/layeronnx.ts;
 * - a `LayerTwin`: the same on the CPU, in float64, without src/gpu; src/model/twins.ts;
 * - `LayerKernels`: its dispatches in the layered plan; src/model/layerkernels.ts.
 *
 * Only `layoutNetwork`, which builds a network, and the fused plan, which supports some of them, know kinds by
 * name. All offsets and strides are in floats.
 */
import type { GridSpace } from '../env/contract'
import type { Activation } from '../options/options'
import type { Floats } from './floats'
import type { OnnxGraph } from './onnx'
import type { Pieces } from './pieces'

/** The function that is applied to a layer's sums. */
export type Epilogue = Activation | 'identity'

/** The fields of layers of all kinds. A row is the data of one observation; it is flat for every kind. */
export interface LayerBase {
  kind: string
  /** `actor.0`, `critic.2`, `trunk.1`: the name in safetensors files, before that of each tensor. */
  name: string
  /** Numbers in a row of its inputs and of its outputs. */
  inDim: number
  outDim: number
  /** The same with padding, which is 0: a multiple of 4. In a map of a hidden layer each pixel is padded. */
  inStride: number
  outStride: number
  activation: Epilogue
}

/** Height, width, channels. Entry (y, x, c) of a map is number (y * width + x) * channels + c of its row. */
export type MapShape = readonly [height: number, width: number, channels: number]

/** A map in a row: its pixels are `pixelStride` floats apart. */
export interface PlacedMap {
  shape: MapShape
  pixelStride: number
}

/** A map as environments give it, without padding inside. */
export const observedMap = (shape: MapShape): PlacedMap => ({ shape, pixelStride: shape[2] })

/** A map of a hidden layer: each pixel is padded, so that kernels read whole vec4s. */
export const hiddenMap = (shape: MapShape): PlacedMap => ({ shape, pixelStride: round4(shape[2]) })

/** Numbers in a map, without padding. */
export const sizeOfMap = ([height, width, channels]: MapShape): number => height * width * channels

/** Floats of a row that is a map, padding included. */
export const mapStride = ({ shape: [height, width], pixelStride }: PlacedMap): number =>
  round4(height * width * pixelStride)

/** A tensor of parameters: its shape in files, and its place inside one agent's parameters. */
export interface LayerTensor {
  name: string
  shape: number[]
  offset: number
  /** The same numbers with the axes that `strides` means, where those are more: `[out][pixel][channel]` of `[out][in]`. */
  view?: number[]
  /** Distance between consecutive indices of each axis. */
  strides: number[]
}

export interface LayerKind<L extends LayerBase> {
  /** Every trainable number once, in the order of files. */
  tensors(layer: L): LayerTensor[]
  /** Multiplications that weights take part in, for one row, without padding. */
  multiplications(layer: L): number
  /** Why the fused plan cannot take the layer; null if it can. `isHead`: it is the last of its network. */
  whyNotFused(layer: L, isHead: boolean): string | null
}

export interface LayerInit<L extends LayerBase> {
  /** Writes the initial weights of layer number `index` of its network into `params`; `gain` depends on its place. */
  init(layer: L, index: number, seed: number, gain: number, params: Float32Array): Pieces<void>
  /** Number of multiplications that `init` counts. */
  initCost(layer: L): number
}

/** Adds nodes that compute the layer of `x`, its activation included, into `output`; returns `output`. */
export type LayerOnnx<L extends LayerBase> = (
  graph: OnnxGraph,
  layer: L,
  x: string,
  output: string,
  data: (tensor: string) => ArrayLike<number>,
) => string

/** A layer on the CPU. `rows` rows of inputs `x` [rows][inStride] and outputs `y` [copies][rows][outStride]. */
export interface LayerTwin<L extends LayerBase> {
  forward(layer: L, params: Floats, x: Floats, rows: number, y: Floats): void
  /** Adds the gradient of its parameters to `gradient` [paramStride]; `dLossDY` is that before its own activation. */
  backwardParams(layer: L, params: Floats, dLossDY: Floats, x: Floats, rows: number, gradient: Floats): void
  /**
   * Fills `dLossDX` [rows][inStride] with the gradient before `inputActivation`, the activation of the layer before;
   * `x` [copies][rows][inStride] are the outputs of that activation.
   */
  backwardInput(
    layer: L,
    params: Floats,
    dLossDY: Floats,
    x: Floats,
    rows: number,
    inputActivation: Epilogue,
    dLossDX: Floats,
  ): void
}

/** What the dispatches of one layer need to know about the pass. `B` are the names of buffers. */
export interface LayerPass<B extends string> {
  rows: number
  /** The slot of `stop` that guards the pass. */
  gate: number
  numAgents: number
  stopStride: number
  parameterStride: number
  /** Rows summed in one partial gradient, and the number of partials. */
  rowsPerPartial: number
  numPartials: number
  /** Threads per workgroup, as passed to `overrides`. */
  threads: number
  inputs: B
  /** How `inputs` are stored; their offsets and strides are in words of 4 bytes. */
  storage: InputStorage
  outputs: B
}

/**
 * Rows of a hidden layer, or the observations of the environment: f32 numbers without padding inside, bits, bytes. Kernels
 * read them by the module shaders/lib/network/inputs.wgsl, which observations replace.
 */
export type InputStorage = 'hidden' | GridSpace['storage']

/** A kernel that reads observations: `conv_forward.bits` is conv_forward with shaders/lib/network/inputs_bits.wgsl. */
export type Reading<S extends string> = S | `${S}.${GridSpace['storage']}`

/**
 * The same backwards: the gradients of the outputs are given, those of the inputs are computed; null at the first
 * layer.
 */
export interface BackwardPass<B extends string> extends Omit<LayerPass<B>, 'outputs'> {
  dOutputs: B
  dInputs: B | null
}

/** A layer, and the place of its rows in the buffers of a pass; gradients have the same layout as their values. */
export interface PlacedLayer<L extends LayerBase> {
  layer: L
  /** Activation of the layer before; identity at the first. */
  inputActivation: Epilogue
  input: number
  inputAgentStride: number
  inputRowStride: number
  output: number
  outputAgentStride: number
  outputRowStride: number
}

/** A dispatch as data, see src/plan/dispatches.ts. */
export interface LayerDispatch<S extends string, B extends string> {
  stem: S
  args: Record<string, unknown>
  workgroups: [number, number, number]
  bind: Record<string, B>
  flops: number
}

export interface LayerKernels<L extends LayerBase, S extends string> {
  stems: readonly S[]
  /** Those of them that read the inputs from where they are stored: all of a first layer's. */
  readers: readonly S[]
  /**
   * `override` constants of each kernel, for workgroups of `threads` threads. Results must be bit-identical for any
   * number.
   */
  overrides(threads: number): Record<string, number>
  /** Its input as a map of `pixels` pixels of `channels` numbers, `pixelStride` floats apart; of a vector one pixel. */
  pixelsOf(layer: L): { pixels: number; channels: number; pixelStride: number }
  /** `layers` is one layer, or two of actor and critic at the same depth, whose rows are in the same buffers. */
  forward<B extends string>(pass: LayerPass<B>, layers: PlacedLayer<L>[]): LayerDispatch<S, B>[]
  /**
   * Partial gradients of its parameters into the buffer `partials`, and the gradient of its inputs if there is a buffer
   * for it.
   */
  backward<B extends string>(pass: BackwardPass<B>, layers: PlacedLayer<L>[]): LayerDispatch<S, B>[]
}

/**
 * Copies of a layer's outputs in its buffer: the derivative of silu needs its inputs, so the layer stores those too,
 * after the outputs and with the same layout.
 */
export const outputCopies = ({ activation }: Pick<LayerBase, 'activation'>): number => (activation === 'silu' ? 2 : 1)

export const round4 = (n: number): number => Math.ceil(n / 4) * 4
