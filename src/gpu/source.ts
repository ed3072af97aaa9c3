/** Where devices come from: the first one, and the ones after a loss. */
import { type Gpu, GpuError, requestGpu, watchDevice } from './device'
import type { SharedGpu } from './shared'

/** The caller's own device, or a function that returns one; the function is called again after a loss. */
export type DeviceSource = GPUDevice | (() => Promise<GPUDevice>)

export interface GpuSource {
  device?: DeviceSource
  /** Where to request an adapter if there is no `device`; default navigator.gpu. */
  gpu?: GPU
  /** A device shared with others; replaces both. */
  shared?: SharedGpu
}

/** Delays before requesting an adapter again: a GPU process needs a moment to restart. */
const RETRY_MS = [0, 250, 1000, 3000, 6000]

/** Whether the caller gave one device, so that there is no other after a loss. */
export const isGivenDevice = ({ device }: GpuSource): boolean => typeof device === 'object'

/**
 * @param lost The loss of the device before: then an adapter may take a moment to appear.
 * @throws GpuError 5 if none does.
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

/** Destroys a device, unless it is the caller's or shared with others. */
export function closeGpu({ device }: Gpu, source: GpuSource): void {
  if (!source.device && !source.shared) device.destroy()
}

/** Releases a device that is lost or hangs. */
export function dropGpu(gpu: Gpu, source: GpuSource): void {
  if (source.shared) source.shared.drop(gpu)
  else closeGpu(gpu, source)
}
