/**
 * The (ratio, advantage) histogram of a minibatch, counted on the GPU: the latest one in the layered plan, else a
 * probe's.
 */
import { link } from '../../gpu/link'
import { COMPILING_MS, patiently, pipelineCreated } from '../../gpu/patience'
import { SHADERS } from '../../gpu/shaders'
import { policySlots } from '../../plan/kernels'
import type { Run } from '../../run/run'
import type { Histogram } from '../protocol'
import source from './histogram.wgsl?raw'
import { createProbe, type Probe } from './probe'

const FILE = 'src/lab/worker/histogram.wgsl'
const COLUMNS = 48
const ROWS = 32
const ADVANTAGE_MAX = 3

export class RatioHistogram {
  private busy = false

  private constructor(
    private readonly run: Run,
    private readonly pipeline: GPUComputePipeline,
    private readonly bins: GPUBuffer,
    private readonly args: GPUBuffer,
    private readonly staging: GPUBuffer,
    private readonly probe: Probe | null,
  ) {}

  static async create(training: Run): Promise<RatioHistogram> {
    const probe = training.fused ? await createProbe(training) : null
    const run = probe?.run ?? training
    const { device } = run.gpu
    const { code } = link(FILE, new Map([...SHADERS, [FILE, source]]), policySlots(run.layout.shape))
    const module = device.createShaderModule({ label: 'histogram', code })
    const wanted = { label: 'histogram', layout: 'auto', compute: { module, entryPoint: 'histogram' } } as const
    const what = 'compiling histogram'
    const pipeline = await patiently(device, what, device.createComputePipelineAsync(wanted), COMPILING_MS)
    pipelineCreated(device)
    const size = COLUMNS * ROWS * 4
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM, MAP_READ } = GPUBufferUsage
    const buffer = (label: string, usage: number, bytes = size) => device.createBuffer({ label, size: bytes, usage })
    return new RatioHistogram(
      run,
      pipeline,
      buffer('histogram.bins', STORAGE | COPY_SRC | COPY_DST),
      buffer('histogram.args', UNIFORM | COPY_DST, 32),
      buffer('histogram.staging', MAP_READ | COPY_DST),
      probe,
    )
  }

  /** Undefined while another read is pending. The ratios shown are around 1, in a range that fits the clip range. */
  async read(clipCoef: number): Promise<Histogram | undefined> {
    if (this.busy) return undefined
    this.busy = true
    try {
      return await this.count(clipCoef)
    } finally {
      this.busy = false
    }
  }

  private async count(clipCoef: number): Promise<Histogram> {
    const { device } = this.run.gpu
    const { minibatchSize, numAgents } = this.run.sizes
    const reach = Math.min(Math.max(2.5 * clipCoef, 0.25), 1)
    const [ratioMin, ratioMax] = [1 - reach, 1 + reach]
    const args = new DataView(new ArrayBuffer(32))
    for (const [i, n] of [minibatchSize, COLUMNS, ROWS].entries()) args.setUint32(4 * i, n, true)
    for (const [i, x] of [ratioMin, ratioMax, ADVANTAGE_MAX].entries()) args.setFloat32(12 + 4 * i, x, true)
    device.queue.writeBuffer(this.args, 0, args.buffer)
    const encoder = device.createCommandEncoder({ label: 'histogram' })
    encoder.clearBuffer(this.bins)
    const pass = encoder.beginComputePass({ label: 'histogram' })
    this.probe?.encode(pass)
    pass.setPipeline(this.pipeline)
    pass.setBindGroup(0, this.group())
    pass.dispatchWorkgroups(Math.ceil(minibatchSize / 64), numAgents)
    pass.end()
    encoder.copyBufferToBuffer(this.bins, 0, this.staging, 0, this.bins.size)
    device.queue.submit([encoder.finish()])
    await patiently(device, 'histogram', this.staging.mapAsync(GPUMapMode.READ))
    const counts = new Uint32Array(this.staging.getMappedRange().slice(0))
    this.staging.unmap()
    return { columns: COLUMNS, rows: ROWS, ratioMin, ratioMax, advantageMax: ADVANTAGE_MAX, counts }
  }

  private made: GPUBindGroup | undefined
  private group(): GPUBindGroup {
    const { buffers, gpu } = this.run
    const order = [buffers.minibatch, buffers.losses, this.bins, this.args]
    this.made ??= gpu.device.createBindGroup({
      label: 'histogram',
      layout: this.pipeline.getBindGroupLayout(0),
      entries: order.map((buffer, binding) => ({ binding, resource: { buffer } })),
    })
    return this.made
  }

  destroy(): void {
    for (const buffer of [this.bins, this.args, this.staging]) buffer.destroy()
    this.probe?.destroy()
  }
}
