/** Allocates all planned buffers, or none. */

import { patiently } from '../gpu/patience'
import type { BufferName } from '../plan/buffers'

/** @throws the error of `outOfMemory` if the device's memory is too small; then nothing stays allocated. */
export async function allocate(
  device: GPUDevice,
  plan: Map<BufferName, number>,
  outOfMemory: () => Error,
): Promise<Record<BufferName, GPUBuffer>> {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  device.pushErrorScope('out-of-memory')
  const buffers = [...plan].map(
    ([label, bytes]) => [label, device.createBuffer({ label, size: Math.max(bytes, 16), usage })] as const,
  )
  const error = await patiently(device, 'allocation', device.popErrorScope())
  if (error) {
    for (const [, buffer] of buffers) buffer.destroy()
    throw outOfMemory()
  }
  return Object.fromEntries(buffers) as Record<BufferName, GPUBuffer>
}
