/** The kernels of one layer of one agent, on buffers of random numbers, as the layered plan dispatches them. */
import type { Gpu } from '../../../src/gpu/device'
import { ArgsArena, bindStorage, checkWorkgroups, type Dispatch, encode } from '../../../src/gpu/dispatch'
import { patiently } from '../../../src/gpu/patience'
import { createKernel } from '../../../src/gpu/pipeline'
import { type Epilogue, type InputStorage, outputCopies, round4 } from '../../../src/model/layer'
import { backwardOf, forwardOf, layerOverrides, observedChannels, storageRead } from '../../../src/model/layerkernels'
import type { Layer } from '../../../src/model/layers'
import { layerThreads, rowsPerPartial } from '../../../src/plan/buffers'
import { partialStride } from '../../../src/plan/cuts'
import { inputSlotsFor } from '../../../src/plan/inputs'

export interface PassesWanted {
  /** Its parameters begin with the weight, which is followed by the bias. */
  layer: Layer
  rows: number
  /** Activation of the layer before. */
  before: Epilogue
  storage: InputStorage
  /** Words of a row of packed observations, else 0. */
  words: number
}

export interface Passes {
  stems: string[]
  /** Seconds until `count` dispatches of a kernel are done. */
  time(stem: string, count: number): Promise<number>
  destroy(): void
}

/** Compiles the kernels of the layer's passes; that of its inputs only for a hidden layer. */
export async function openPasses(gpu: Gpu, wanted: PassesWanted): Promise<Passes> {
  const { device } = gpu
  const { pass, place, sizes } = partsOf(wanted, gpu.software)
  const hidden = wanted.storage === 'hidden'
  const dispatches = [
    ...forwardOf(pass, [place]),
    ...backwardOf({ ...pass, dOutputs: 'd_outputs', dInputs: hidden ? 'd_inputs' : null }, [place]),
  ]
  const overrides = layerOverrides(
    dispatches.map(({ stem }) => stem),
    pass.threads,
  )
  const buffers = new Map(
    Object.entries(sizes).map(([name, words]) => [
      name,
      randomBuffer(gpu.device, name, words, name === 'inputs' && wanted.words > 0),
    ]),
  )
  const arena = new ArgsArena(device)
  const ready = new Map<string, Dispatch>()
  for (const { stem, args, workgroups, flops } of dispatches) {
    const storage = storageRead(stem)
    const slots = storage ? inputSlotsFor(storage, observedChannels(wanted.layer)) : {}
    const kernel = await createKernel(device, stem, { slots, overrides: overrides[stem] })
    checkWorkgroups(stem, workgroups)
    const bound = kernel.storage.map(({ name }) => [name, { buffer: buffers.get(name)! }])
    const bindings = bindStorage(device, kernel, Object.fromEntries(bound))
    ready.set(stem, { kernel, storage: bindings, args: arena.add(kernel, args), workgroups, flops })
  }
  arena.upload()
  return {
    stems: [...ready.keys()],
    async time(stem, count) {
      const encoder = device.createCommandEncoder({ label: stem })
      const compute = encoder.beginComputePass({ label: stem })
      encode(compute, arena, Array<Dispatch>(count).fill(ready.get(stem)!))
      compute.end()
      const commands = encoder.finish()
      const start = performance.now()
      device.queue.submit([commands])
      await patiently(device, 'bench', device.queue.onSubmittedWorkDone())
      return (performance.now() - start) / 1000
    },
    destroy() {
      for (const buffer of buffers.values()) buffer.destroy()
      arena.destroy()
    },
  }
}

/** The pass, the layer's place, and the words of each buffer. */
function partsOf({ layer, rows, before, storage, words }: PassesWanted, software: boolean) {
  const inputRowStride = words || layer.inStride
  const parameterStride = round4(('bias' in layer ? layer.bias : 0) + layer.outStride)
  const perPartial = rowsPerPartial(rows, software)
  const numPartials = Math.ceil(rows / perPartial)
  const pass = {
    ...{ rows, gate: 0, numAgents: 1, stopStride: 4, parameterStride, rowsPerPartial: perPartial, numPartials },
    ...{ threads: layerThreads(software), inputs: 'inputs', storage, outputs: 'outputs' },
  }
  const inputSize = rows * inputRowStride * outputCopies({ activation: before })
  const outputSize = rows * layer.outStride
  const place = {
    ...{ layer, inputActivation: before, input: 0, inputAgentStride: inputSize, inputRowStride },
    ...{ output: 0, outputAgentStride: outputSize, outputRowStride: layer.outStride },
  }
  const sizes = {
    ...{ stop: 4, parameters: parameterStride, inputs: inputSize, d_inputs: inputSize },
    ...{ outputs: outputSize * outputCopies(layer), d_outputs: outputSize },
    partials: numPartials * partialStride({ paramStride: parameterStride }),
  }
  return { pass, place, sizes }
}

/** Floats in [-0.5, 0.5), or any words; all 0 for `stop`, where 0 means that the work is done. */
function randomBuffer(device: GPUDevice, label: string, words: number, packed: boolean): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE
  const buffer = device.createBuffer({ label, size: Math.max(16, 4 * words), usage, mappedAtCreation: true })
  const bits = new Uint32Array(buffer.getMappedRange())
  const floats = new Float32Array(bits.buffer)
  let state = 1
  for (let i = 0; label !== 'stop' && i < words; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    if (packed) bits[i] = state
    else floats[i] = state / 2 ** 32 - 0.5
  }
  buffer.unmap()
  return buffer
}
