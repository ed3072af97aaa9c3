/** One layer of any kind for several agents, with gaps in the layout: shared by the tests of the kernels of layers. */
import { expect } from 'vitest'
import { link } from '../../src/gpu/link'
import { reflectBindings } from '../../src/gpu/reflect'
import { kernelName, kernelPath, SHADERS } from '../../src/gpu/shaders'
import { type Epilogue, type InputStorage, outputCopies, type PlacedLayer, round4 } from '../../src/model/layer'
import { backwardOf, forwardOf, observedChannels, storageRead } from '../../src/model/layerkernels'
import type { Layer } from '../../src/model/layers'
import { TWINS, twinOf } from '../../src/model/twins'
import { PARTIAL_TAIL } from '../../src/plan/cuts'
import { inputSlotsFor } from '../../src/plan/inputs'
import { activated, floatsOf, LAYERS, paramPlaces, placesOf, randomRows } from '../reference/layers'
import {
  type Data,
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  type Limit,
  randomNumbers,
  runKernel,
  unwritten,
  unwrittenWords,
} from '../support/kernel'

const NUM_AGENTS = 3
/** The second agent is halted. */
const LIVE = [0, 2]
const GATE = 2
const STOP_STRIDE = 5
const GAP = 4

export interface LayerCase {
  layer: Layer
  storage: InputStorage
  rows: number
  rowsPerPartial: number
  /** Activation of the layer before. */
  before: Epilogue
}

/** Numbers of a layer's inputs before the activation of the layer before it; some are equal, as pools must handle. */
function drawFor({ storage }: LayerCase, random: () => number): () => number {
  if (storage === 'bits') return () => Number(random() > 0)
  if (storage === 'bytes') return () => Math.floor(128 * (random() + 1)) / 255
  return () => (random() > 0 ? random() : Math.round(4 * random()) / 4)
}

/** Packed entries of a row, in words. */
function packed(entries: number[], storage: 'bits' | 'bytes'): Uint32Array {
  const each = storage === 'bits' ? 32 : 4
  const words = new Uint32Array(round4(Math.ceil(entries.length / each)))
  for (const [k, value] of entries.entries()) {
    const word = Math.floor(k / each)
    words[word] |= storage === 'bits' ? value << (k % 32) : Math.round(255 * value) << (8 * (k % 4))
  }
  return words
}

/** The buffers of a case, and what its twin gets; numbers are rounded to f32. */
function setUp(c: LayerCase) {
  const { layer, storage, rows, before } = c
  const random = randomNumbers(rows * 10 + layer.inDim)
  const isPacked = storage === 'bits' || storage === 'bytes'
  const inWords = isPacked ? round4(Math.ceil(layer.inDim / (storage === 'bits' ? 32 : 4))) : layer.inStride
  const copies = before === 'silu' ? 2 : 1
  const inputRowStride = inWords + GAP
  const outputRowStride = layer.outStride + GAP
  const placed: PlacedLayer<Layer> = {
    ...{
      layer,
      inputActivation: before,
      input: 8,
      inputAgentStride: copies * rows * inputRowStride + GAP,
      inputRowStride,
    },
    output: 12,
    outputAgentStride: outputCopies(layer) * rows * outputRowStride + GAP,
    outputRowStride,
  }
  const parameterStride = floatsOf(layer) + 8
  const inputSize = placed.input + NUM_AGENTS * placed.inputAgentStride
  const outputSize = placed.output + NUM_AGENTS * placed.outputAgentStride
  const inputs: Data = isPacked ? unwrittenWords(inputSize) : unwritten(inputSize)
  const dOutputs = unwritten(outputSize)
  const parameters = unwritten(NUM_AGENTS * parameterStride)
  const inputAt = (agent: number, row: number) =>
    placed.input + agent * placed.inputAgentStride + row * placed.inputRowStride
  const outputAt = (agent: number, row: number) =>
    placed.output + agent * placed.outputAgentStride + row * placed.outputRowStride
  const agents = Array.from({ length: NUM_AGENTS }, (_, agent) => {
    const x = Float32Array.from(activated(before, randomRows(layer, 'in', rows, drawFor(c, random))))
    for (let r = 0; r < copies * rows; r++) {
      const row = x.subarray(r * layer.inStride, (r + 1) * layer.inStride)
      const entries = placesOf(layer, 'in').map((at) => row[at])
      inputs.set(isPacked ? packed(entries, storage) : row, inputAt(agent, r))
    }
    const dY = Float32Array.from(randomRows(layer, 'out', rows, random))
    for (let r = 0; r < rows; r++)
      dOutputs.set(dY.subarray(r * layer.outStride, (r + 1) * layer.outStride), outputAt(agent, r))
    const params = new Float64Array(floatsOf(layer))
    const own = parameters.subarray(agent * parameterStride)
    const tensors = kindTensors(layer)
    for (const { from, size } of tensors) own.fill(0, from, from + size)
    for (const { at } of paramPlaces(layer)) for (const place of at) own[place] = params[place] = random()
    return { agent, params, x: Float64Array.from(x), dY: Float64Array.from(dY) }
  })
  const numPartials = Math.ceil(rows / c.rowsPerPartial)
  const pass = {
    ...{ rows, gate: GATE, numAgents: NUM_AGENTS, stopStride: STOP_STRIDE, parameterStride, numPartials },
    ...{ rowsPerPartial: c.rowsPerPartial, threads: 64, inputs: 'inputs', storage, outputs: 'outputs' },
  }
  const stop = gates(NUM_AGENTS, STOP_STRIDE, { 1: [GATE], 2: [0, 1, 3, 4] })
  return {
    ...{ placed, pass, agents: LIVE.map((agent) => agents[agent]), copies, parameterStride, numPartials },
    ...{ inputAt, outputAt, inputSize, outputSize, buffers: { stop, parameters, inputs, d_outputs: dOutputs } },
  }
}
type SetUp = ReturnType<typeof setUp>

/** Where the tensors of a layer and their padding are. */
function kindTensors(layer: Layer): { from: number; size: number }[] {
  const from = paramPlaces(layer).map(({ at }) => at[0])
  const ends = [...from.slice(1), floatsOf(layer)]
  return from.map((start, i) => ({ from: start, size: ends[i] - start }))
}

/** The one dispatch of kernel `stem` of a case, on `more` buffers. */
async function runOne(
  c: LayerCase,
  { placed, pass, buffers }: SetUp,
  stem: string,
  more: Record<string, Float32Array>,
) {
  const backward = { ...pass, dOutputs: 'd_outputs', dInputs: c.storage === 'hidden' ? 'd_inputs' : null }
  const all = stem.endsWith('_forward') ? forwardOf(pass, [placed]) : backwardOf(backward, [placed])
  const [dispatch] = all.filter((one) => kernelName(one.stem) === stem)
  const storage = storageRead(dispatch.stem)
  expect(storage ?? 'hidden').toBe(c.storage === 'f32' && dispatch.stem === stem ? 'hidden' : c.storage)
  const slots = storage ? inputSlotsFor(storage, observedChannels(c.layer)) : {}
  const bound = reflectBindings(link(kernelPath(stem), SHADERS, slots).code).map(({ name }) => name)
  const given = Object.entries({ ...buffers, ...more }).filter(([name]) => bound.includes(name))
  return (await runKernel({
    ...{ stem: dispatch.stem, args: dispatch.args, workgroups: dispatch.workgroups, outputs: Object.keys(more), slots },
    buffers: Object.fromEntries<Data>(given),
  })) as unknown as Record<string, Float32Array>
}

/** Compares rows of `stride` numbers, and returns the places that were written. */
function compare(
  name: string,
  got: Float32Array,
  wanted: Float64Array,
  stride: number,
  at: (row: number) => number,
  limit: Limit,
): number[] {
  const places = Array.from(wanted, (_, i) => at(Math.floor(i / stride)) + (i % stride))
  const found = places.map((place) => got[place])
  const limits = { ...limit, dims: { row: wanted.length / stride, column: stride } }
  expectClose(name, found, wanted, limits)
  expectCaught(name, found, wanted, limits)
  return places
}

export async function checkForward(stem: string, c: LayerCase, limit: Limit): Promise<void> {
  const s = setUp(c)
  const { layer, rows } = c
  const outputs = unwritten(s.outputSize)
  const after = await runOne(c, s, stem, { outputs })
  const written = s.agents.flatMap(({ agent, params, x }) => {
    const y = new Float64Array(outputCopies(layer) * rows * layer.outStride)
    twinOf(TWINS, layer).forward(layer, params, x, rows, y)
    return compare(`${stem}(agent ${agent})`, after.outputs, y, layer.outStride, (r) => s.outputAt(agent, r), limit)
  })
  const places = new Set(written)
  expectUntouched(`${stem}.outputs`, after.outputs, outputs, (i) => places.has(i))
}

export async function checkBackwardInput(stem: string, c: LayerCase, limit: Limit): Promise<void> {
  const s = setUp(c)
  const { layer, rows, before } = c
  const dInputs = unwritten(s.inputSize)
  const after = await runOne(c, s, stem, { d_inputs: dInputs })
  const written = s.agents.flatMap(({ agent, params, x, dY }) => {
    const dX = new Float64Array(rows * layer.inStride)
    twinOf(TWINS, layer).backwardInput(layer, params, dY, x, rows, before, dX)
    return compare(`${stem}(agent ${agent})`, after.d_inputs, dX, layer.inStride, (r) => s.inputAt(agent, r), limit)
  })
  const places = new Set(written)
  expectUntouched(`${stem}.d_inputs`, after.d_inputs, dInputs, (i) => places.has(i))
}

export async function checkBackwardWeight(stem: string, c: LayerCase, limit: Limit): Promise<void> {
  const s = setUp(c)
  const { layer, rows, rowsPerPartial } = c
  const stride = s.parameterStride + 4 * PARTIAL_TAIL
  const partials = unwritten(NUM_AGENTS * s.numPartials * stride)
  const after = await runOne(c, s, stem, { partials })
  const written = s.agents.flatMap(({ agent, params, x, dY }) =>
    Array.from({ length: s.numPartials }, (_, p) => {
      const [first, end] = [p * rowsPerPartial, Math.min((p + 1) * rowsPerPartial, rows)]
      const part = (data: Float64Array, width: number) => data.subarray(first * width, end * width)
      const gradient = new Float64Array(params.length)
      const [dYs, xs] = [part(dY, layer.outStride), part(x, layer.inStride)]
      twinOf(TWINS, layer).backwardParams(layer, params, dYs, xs, end - first, gradient)
      const [{ from }] = kindTensors(layer)
      const wanted = gradient.slice(from)
      const at = (agent * s.numPartials + p) * stride + from
      return compare(`${stem}(agent ${agent}).partial ${p}`, after.partials, wanted, 1, (i) => at + i, limit)
    }).flat(),
  )
  const places = new Set(written)
  expectUntouched(`${stem}.partials`, after.partials, partials, (i) => places.has(i))
}

const SIZES = [
  { rows: 1, rowsPerPartial: 1 },
  { rows: 11, rowsPerPartial: 4 },
]

/** Whether the inputs of one of LAYERS are an observation. */
const isObserved = (layer: Layer): boolean => placesOf(layer, 'in').every((at, i) => at === i) && layer.inDim % 4 !== 0

/** The layers of a kind as hidden ones and as first ones. With `hidden` only those, behind every activation. */
export function casesOf(kind: Layer['kind'], hidden = false): [string, LayerCase][] {
  const layers = LAYERS.filter(([, layer]) => layer.kind === kind)
  return layers.flatMap(([name, layer], i) => {
    const observed = isObserved(layer)
    if (hidden && observed) return []
    const storages: InputStorage[] = observed ? ['f32', 'bits', 'bytes'] : ['hidden']
    const acts: Epilogue[] = hidden ? ['identity', 'tanh', 'relu', 'silu', 'elu'] : ['identity']
    return storages.flatMap((storage) =>
      SIZES.map((size, k): [string, LayerCase] => {
        const before = acts[(2 * i + k) % acts.length]
        return [`${name}, ${storage}, ${size.rows} rows, behind ${before}`, { layer, storage, before, ...size }]
      }),
    )
  })
}
