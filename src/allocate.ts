/** Allocates what was planned, all or nothing. */
import { type BufferName, MIB, type Sizes, totalBytes } from './buffers'
import { ConfigError } from './config'
import { patiently } from './gpu/patience'

/** @throws ConfigError when the device runs out of memory; nothing stays allocated then. */
export async function allocate(
  device: GPUDevice,
  plan: Map<BufferName, number>,
  { numAgents, numEnvs, numSteps }: Sizes,
): Promise<Record<BufferName, GPUBuffer>> {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  device.pushErrorScope('out-of-memory')
  const buffers = [...plan].map(
    ([label, bytes]) => [label, device.createBuffer({ label, size: Math.max(bytes, 16), usage })] as const,
  )
  const error = await patiently(device, 'allocation', device.popErrorScope())
  if (error) {
    for (const [, buffer] of buffers) buffer.destroy()
    throw new ConfigError(
      `config.${numAgents > 1 ? 'numAgents' : 'numEnvs'}: the GPU has no room for the ${Math.ceil(totalBytes(plan) / MIB)} ` +
        `MiB that ${numAgents} agents x ${numEnvs} environments x ${numSteps} steps need. Use fewer of them.`,
    )
  }
  return Object.fromEntries(buffers) as Record<BufferName, GPUBuffer>
}
