/** Getting numbers off the GPU: a ring of staging buffers for metrics, and plain copies for everything rare. */

/**
 * A ring of staging buffers. It is the only thing that waits during training, and so the back-pressure: `take` resolves
 * when a buffer is free, so at most `size` copies, and the submits before them, are in flight.
 */
export class ReadbackRing {
  private readonly free: GPUBuffer[]
  private readonly all: GPUBuffer[]
  private readonly waiting: (() => void)[] = []

  constructor(device: GPUDevice, bytes: number, size = 3) {
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ
    this.all = Array.from({ length: size }, (_, i) =>
      device.createBuffer({ label: `staging.${i}`, size: bytes, usage }),
    )
    this.free = [...this.all]
  }

  /** A staging buffer that nothing uses; waits while there is none. */
  async take(): Promise<GPUBuffer> {
    while (this.free.length === 0) await new Promise<void>((resolve) => this.waiting.push(resolve))
    return this.free.pop()!
  }

  /** Maps `staging`, which a submitted copy fills, and returns its bytes; the buffer is free again after. */
  async read(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    await staging.mapAsync(GPUMapMode.READ, 0, bytes)
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

/** Copies a whole buffer to the CPU. For results, tests and checkpoints; never inside training. */
export async function readBuffer(device: GPUDevice, buffer: GPUBuffer): Promise<ArrayBuffer> {
  const staging = device.createBuffer({
    label: `${buffer.label}.readback`,
    size: buffer.size,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  })
  const encoder = device.createCommandEncoder({ label: 'readback' })
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const copy = staging.getMappedRange().slice(0)
  staging.destroy()
  return copy
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
