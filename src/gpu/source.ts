/** Where devices come from, the first one and those after a loss. */
import { type Gpu, GpuError, requestGpu, watchDevice } from './device'
import type { SharedGpu } from './shared'

/** A device of the caller's own, or how to get one: asked again when the device is lost. */
export type DeviceSource = GPUDevice | (() => Promise<GPUDevice>)

export interface GpuSource {
  device?: DeviceSource
  /** Where to look for an adapter, when there is no `device`; navigator.gpu unless given. */
  gpu?: GPU
  /** One that others use, too, in place of both. */
  shared?: SharedGpu
}

/** Waits before asking for an adapter again: a GPU process needs a moment to come back. */
const RETRY_MS = [0, 250, 1000, 3000, 6000]

/** Whether there is one device and no other to ask for. */
export const isGivenDevice = ({ device }: GpuSource): boolean => typeof device === 'object'

/**
 * @param lost What the device before was lost by: then an adapter may take a moment to appear.
 * @throws GpuError 5 when none does.
 */
export async function openGpu(source: GpuSource, lost?: GpuError): Promise<Gpu> {
  if (!lost) return askForGpu(source)
  let last: unknown
  for (const wait of RETRY_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait))
    try {
      return await askForGpu(source)
    } catch (error) {
      last = error
    }
  }
  const why = source.device && last instanceof Error ? ` (${last.message})` : ''
  const seconds = RETRY_MS.reduce((a, b) => a + b) / 1000
  throw new GpuError(`${lost.message} No adapter came back in ${seconds} s${why}.`, 5)
}

async function askForGpu({ device, gpu, shared }: GpuSource): Promise<Gpu> {
  if (shared) return shared.get()
  if (!device) return requestGpu(gpu)
  const own = typeof device === 'function' ? await device() : device
  return watchDevice(own)
}

/** A device of the caller's, or one that others use, is not the run's to destroy. */
export function closeGpu({ device }: Gpu, source: GpuSource): void {
  if (!source.device && !source.shared) device.destroy()
}

/** Away with a device that is lost or hangs. */
export function dropGpu(gpu: Gpu, source: GpuSource): void {
  if (source.shared) source.shared.drop(gpu)
  else closeGpu(gpu, source)
}
