/** Plays and draws an environment by its own WGSL. The page has the state; every step and every picture is given it. */
import { packState, readWord, type StateWord, setNumber, wordsOf } from '../envcheck/state'
import { type Gpu, gpuName, requestGpu } from '../gpu/device'
import { COMPILING_MS, patiently, pipelineCreated } from '../gpu/patience'
import { Scene } from '../scene/scene'
import type { StepGiven } from './episode'
import type { GpuCode } from './gpucode'
import type { Painter } from './painter'
import { type Screen, screenOf } from './screen'

const { STORAGE, UNIFORM, COPY_SRC, COPY_DST, MAP_READ } = globalThis.GPUBufferUsage ?? {}

export class WebGpu {
  /** The adapter. */
  readonly name: string
  private readonly words: StateWord[]
  private readonly states: GPUBuffer
  private readonly where: GPUBuffer
  private readonly action: GPUBuffer
  private readonly played: GPUBuffer
  private readonly staging: GPUBuffer
  private readonly group: GPUBindGroup
  private readonly packed: Uint32Array<ArrayBuffer>

  private constructor(
    private readonly gpu: Gpu,
    private readonly code: GpuCode,
    private readonly hyper: GPUBuffer | null,
    private readonly pipeline: GPUComputePipeline,
    private readonly scene: Scene,
    private readonly screen: Screen,
  ) {
    const { device } = gpu
    const buffer = (label: string, size: number, usage: number) => device.createBuffer({ label, size, usage })
    const { state, played } = code
    this.name = gpuName(gpu)
    this.words = wordsOf(state)
    this.packed = new Uint32Array(state.size / 4)
    this.states = buffer('env_states', state.size, STORAGE | COPY_DST)
    this.where = buffer('play_step', 16, UNIFORM | COPY_DST)
    this.action = buffer('transitions', 256, STORAGE | COPY_DST)
    this.played = buffer('played', played.size, STORAGE | COPY_SRC)
    this.staging = buffer('played.staging', played.size, COPY_DST | MAP_READ)
    const bound = [this.states, this.where, this.action, this.played]
    this.group = device.createBindGroup({
      label: 'play',
      layout: pipeline.getBindGroupLayout(0),
      entries: [...bound.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })), ...entriesOf(hyper)],
    })
  }

  /** @throws Error, such as GpuError where there is no adapter. */
  static async open(code: GpuCode): Promise<WebGpu> {
    const gpu = await requestGpu()
    const { device } = gpu
    const screen = screenOf(gpu)
    const module = device.createShaderModule({ label: 'play', code: code.scene.code })
    const wanted = { label: 'play', layout: 'auto', compute: { module, entryPoint: 'play' } } as const
    const pipeline = await patiently(device, 'compiling play', device.createComputePipelineAsync(wanted), COMPILING_MS)
    pipelineCreated(device)
    const size = code.hyper?.size
    const hyper = size ? device.createBuffer({ label: 'hyper', size, usage: STORAGE | COPY_DST }) : null
    const scene = await Scene.create(device, code.scene, screen.format, entriesOf(hyper))
    gpu.check()
    return new WebGpu(gpu, code, hyper, pipeline, scene, screen)
  }

  /** A step of the environment; the next state is written into `state`. */
  readonly step = async (state: unknown, given: StepGiven): Promise<{ reward: number; terminated: boolean }> => {
    const { device } = this.gpu
    const { played } = this.code
    this.write(state, given.params)
    device.queue.writeBuffer(this.where, 0, Uint32Array.of(given.seed, given.step, given.env))
    device.queue.writeBuffer(this.action, 0, Float32Array.from(given.action))
    const encoder = device.createCommandEncoder({ label: 'play' })
    const pass = encoder.beginComputePass({ label: 'play' })
    pass.setPipeline(this.pipeline)
    pass.setBindGroup(0, this.group)
    pass.dispatchWorkgroups(1)
    pass.end()
    encoder.copyBufferToBuffer(this.played, 0, this.staging, 0, played.size)
    device.queue.submit([encoder.finish()])
    await patiently(device, 'play', this.staging.mapAsync(GPUMapMode.READ))
    const bytes = this.staging.getMappedRange().slice(0)
    this.staging.unmap()
    this.gpu.check()
    const view = new DataView(bytes)
    const data = new Uint32Array(bytes)
    for (const word of this.words) setNumber(state as Record<string, unknown>, word, readWord(word, data, 0))
    return { reward: view.getFloat32(played.reward, true), terminated: view.getUint32(played.terminated, true) === 1 }
  }

  readonly painter = (onFailure: (error: unknown) => void): Painter => ({
    name: `WebGPU: ${this.name}`,
    canvas: this.screen.canvas,
    paint: (state, params, dark) => {
      this.write(state, params)
      const drawn = { states: this.states, first: 0, count: 1 }
      const { width, height } = this.screen.canvas
      const view = { layout: 'one', focus: null } as const
      this.screen
        .show((target) => this.scene.draw(target, drawn, view, { width, height, dark }))
        .then(() => this.gpu.check())
        .catch(onFailure)
    },
  })

  /** Resolves when the device is lost. */
  get lost(): Promise<unknown> {
    return this.gpu.device.lost
  }

  private write(state: unknown, params: StepGiven['params']): void {
    const { queue } = this.gpu.device
    packState(this.words, state, this.packed)
    queue.writeBuffer(this.states, 0, this.packed)
    // Both bounds of each parameter.
    const bounds = Float32Array.from(Object.values(params).flatMap((value) => [Number(value), Number(value)]))
    if (this.hyper) queue.writeBuffer(this.hyper, this.code.hyper!.params, bounds)
  }
}

const entriesOf = (hyper: GPUBuffer | null): GPUBindGroupEntry[] =>
  hyper ? [{ binding: 9, resource: { buffer: hyper } }] : []
