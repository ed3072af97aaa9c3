/** Dispatches as data: built once, encoded in every iteration. */
import type { Kernel } from './pipeline'
import { type StructLayout, writeStruct } from './reflect'

/** A range of a buffer; `offset` and `size` are in bytes, and the whole buffer by default. */
export interface BufferRange {
  buffer: GPUBuffer
  offset?: number
  size?: number
}

/** One dispatch of a fixed list. */
export interface Dispatch {
  kernel: Kernel
  storage: GPUBindGroup
  /** Byte offset of its arguments in the arena. */
  args: number
  workgroups: [number, number, number]
  /** Floating-point operations, roughly: they decide where a submit is split. */
  flops: number
}

/** The largest dispatch dimension that every adapter supports. */
const MAX_WORKGROUPS = 65535

/** Bytes that arguments take in an arena. */
export const argsBytes = (args: StructLayout, alignment: number): number =>
  Math.ceil(Math.max(args.size, 16) / alignment) * alignment

/** The arguments of all dispatches, in one uniform buffer that is written once. Equal arguments are stored once. */
export class ArgsArena {
  private readonly chunks: Uint8Array[] = []
  private readonly places = new Map<string, number>()
  private readonly groups = new Map<Kernel, GPUBindGroup>()
  private total = 0
  private buffer: GPUBuffer | undefined

  constructor(private readonly device: GPUDevice) {}

  /** Stores `values` as the arguments of `kernel`; returns their byte offset. */
  add(kernel: Kernel, values: Record<string, unknown>): number {
    const size = argsBytes(kernel.args, this.device.limits.minUniformBufferOffsetAlignment)
    const bytes = new Uint8Array(size)
    writeStruct(kernel.args, values, new DataView(bytes.buffer))
    const key = bytes.join()
    const known = this.places.get(key)
    if (known !== undefined) return known
    const offset = this.total
    this.chunks.push(bytes)
    this.places.set(key, offset)
    this.total += size
    return offset
  }

  /** Copies everything to the GPU; arguments added later need another upload. */
  upload(): void {
    this.buffer?.destroy()
    this.groups.clear()
    this.buffer = this.device.createBuffer({
      label: 'args',
      size: Math.max(this.total, 256),
      usage: GPUBufferUsage.UNIFORM,
      mappedAtCreation: true,
    })
    const mapped = new Uint8Array(this.buffer.getMappedRange())
    let at = 0
    for (const chunk of this.chunks) {
      mapped.set(chunk, at)
      at += chunk.length
    }
    this.buffer.unmap()
  }

  /** The bind group of `kernel`'s arguments; a dynamic offset selects one set of arguments. */
  group(kernel: Kernel): GPUBindGroup {
    if (!this.buffer) throw new Error('ArgsArena: upload() comes before the first dispatch')
    let group = this.groups.get(kernel)
    if (!group) {
      const resource = { buffer: this.buffer, size: Math.ceil(kernel.args.size / 16) * 16 }
      group = this.device.createBindGroup({
        label: `${kernel.stem}.args`,
        layout: kernel.argsLayout,
        entries: [{ binding: 0, resource }],
      })
      this.groups.set(kernel, group)
    }
    return group
  }

  destroy(): void {
    this.buffer?.destroy()
  }
}

/** Binds `buffers`, by the names that the kernel declares. */
export function bindStorage(device: GPUDevice, kernel: Kernel, buffers: Record<string, BufferRange>): GPUBindGroup {
  const entries = kernel.storage.map(({ name, binding }) => {
    const resource = buffers[name]
    if (!resource) throw new Error(`${kernel.stem}: nothing is bound to ${name}`)
    return { binding, resource }
  })
  for (const name of Object.keys(buffers)) {
    if (!kernel.storage.some((b) => b.name === name)) throw new Error(`${kernel.stem}: has no binding ${name}`)
  }
  return device.createBindGroup({ label: kernel.stem, layout: kernel.storageLayout, entries })
}

/** Throws if a dimension exceeds what WebGPU allows, and names the kernel. */
export function checkWorkgroups(stem: string, workgroups: [number, number, number]): void {
  for (const [i, n] of workgroups.entries()) {
    if (!Number.isInteger(n) || n < 1 || n > MAX_WORKGROUPS) {
      throw new Error(
        `${stem}: ${n} workgroups along ${'xyz'[i]}; 1 to ${MAX_WORKGROUPS} are possible. Use fewer environments, steps or agents.`,
      )
    }
  }
}

/** Encodes `dispatches` into `pass`, in order. */
export function encode(pass: GPUComputePassEncoder, arena: ArgsArena, dispatches: readonly Dispatch[]): void {
  let last: Kernel | undefined
  for (const { kernel, storage, args, workgroups } of dispatches) {
    if (kernel !== last) pass.setPipeline(kernel.pipeline)
    last = kernel
    pass.setBindGroup(0, storage)
    pass.setBindGroup(1, arena.group(kernel), [args])
    pass.dispatchWorkgroups(...workgroups)
  }
}
