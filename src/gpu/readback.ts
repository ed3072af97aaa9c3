/** Reading data from the GPU: a ring of staging buffers for metrics, and plain copies for everything rare. */
import type { BufferRange } from './dispatch'
import { OutOfMemoryError } from './gpuerror'
import { patiently } from './patience'

/**
 * A ring of staging buffers. It is the only thing that waits during training, and so it limits the queue: `take`
 * resolves when a buffer is free, so at most `size` copies, and the submits before them, are in flight.
 */
export class ReadbackRing {
  private readonly free: GPUBuffer[]
  private readonly all: GPUBuffer[]
  private readonly waiting: (() => void)[] = []

  constructor(
    private readonly device: GPUDevice,
    bytes: number,
    size = 3,
  ) {
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ
    this.all = Array.from({ length: size }, (_, i) =>
      device.createBuffer({ label: `staging.${i}`, size: bytes, usage }),
    )
    this.free = [...this.all]
  }

  /** A free staging buffer; waits until there is one. */
  async take(): Promise<GPUBuffer> {
    while (this.free.length === 0) await new Promise<void>((resolve) => this.waiting.push(resolve))
    return this.free.pop()!
  }

  /** Maps `staging`, which a submitted copy fills, and returns its bytes; then the buffer is free again. */
  async read(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    await patiently(this.device, 'metrics', staging.mapAsync(GPUMapMode.READ, 0, bytes))
    const copy = staging.getMappedRange(0, bytes).slice(0)
    staging.unmap()
    this.free.push(staging)
    this.waiting.shift()?.()
    return copy
  }

  destroy(): void {
    for (const buffer of this.all) buffer.destroy()
  }
}

/** Copies a whole buffer to the CPU. For results, tests and checkpoints; never during training. */
export async function readBuffer(device: GPUDevice, buffer: GPUBuffer): Promise<ArrayBuffer> {
  return (await readBuffers(device, [buffer]))[0]
}

/** Copies whole buffers to the CPU, all at the same point between submits. */
export const readBuffers = (device: GPUDevice, buffers: GPUBuffer[]): Promise<ArrayBuffer[]> =>
  readRanges(
    device,
    buffers.map((buffer) => ({ buffer })),
  )

/** The same for ranges of buffers; offsets and sizes in bytes, multiples of 4. */
export async function readRanges(device: GPUDevice, ranges: BufferRange[]): Promise<ArrayBuffer[]> {
  const label = `${[...new Set(ranges.map(({ buffer }) => buffer.label))].join()}.readback`
  const parts = ranges.map(({ buffer, offset = 0, size = buffer.size - offset }) => ({ buffer, offset, size }))
  const starts = [0]
  for (const { size } of parts) starts.push(starts.at(-1)! + size)
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ
  device.pushErrorScope('out-of-memory')
  const staging = device.createBuffer({ label, size: starts.at(-1)!, usage })
  const room = patiently(device, label, device.popErrorScope())
  try {
    device.pushErrorScope('validation') // if the allocation fails, the calls after it fail too
    const encoder = device.createCommandEncoder({ label: 'readback' })
    for (const [i, { buffer, offset, size }] of parts.entries()) {
      encoder.copyBufferToBuffer(buffer, offset, staging, starts[i], size)
    }
    device.queue.submit([encoder.finish()])
    const copies = patiently(device, label, device.popErrorScope())
    const map = patiently(device, label, staging.mapAsync(GPUMapMode.READ))
    const [full, wrong, mapped] = await Promise.allSettled([room, copies, map])
    if (full.status === 'fulfilled' && full.value) {
      throw new OutOfMemoryError(`no room for the ${starts.at(-1)} bytes of ${label}`)
    }
    if (wrong.status === 'fulfilled' && wrong.value) throw new Error(`WebGPU ${label}: ${wrong.value.message}`)
    if (mapped.status === 'rejected') throw mapped.reason
    const all = staging.getMappedRange()
    return parts.map((_, i) => all.slice(starts[i], starts[i + 1]))
  } finally {
    staging.destroy()
  }
}

/** A storage buffer with the given contents. */
export function uploadBuffer(device: GPUDevice, label: string, data: ArrayBufferView, usage = 0): GPUBuffer {
  const buffer = device.createBuffer({
    label,
    size: Math.max(16, Math.ceil(data.byteLength / 4) * 4),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST | usage,
    mappedAtCreation: true,
  })
  new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  buffer.unmap()
  return buffer
}
