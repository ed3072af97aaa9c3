/** Getting a device, and never losing an error of it. */
import { type AdapterInfo, adapterInfo, adapterName, askAdapter, isSoftware } from './adapter'
import { GpuError, isOutOfMemory, OutOfMemoryError } from './gpuerror'
import { patiently } from './patience'

export { adapterName, isSoftware } from './adapter'
export { GpuError, OutOfMemoryError } from './gpuerror'

/** A device, what it runs on, and a promise that rejects at the first thing that goes wrong with it. */
export interface Gpu {
  device: GPUDevice
  info: AdapterInfo
  /** True for a software adapter such as SwiftShader: results are right, speed is not the hardware's. */
  software: boolean
  /** Throws the first uncaptured error or the loss of the device, if there was one. */
  check(): void
  /**
   * Throws what is behind a failed readback: a lost device shows first as a readback that is aborted, and says so a
   * moment later.
   */
  explain(error: unknown): Promise<never>
}

/** The name of the adapter, as it stands in results. */
export const gpuName = ({ info, software }: Gpu): string => adapterName({ ...info, software })

/** How long after a failed readback the loss of the device may be told. */
const LOST_AFTER_MS = 2000

/**
 * Follows uncaptured errors and the loss of `device`; use it for a device of your own.
 * @param info What it runs on; where the device does not know (Safari 26.0), it has no name and counts as hardware.
 */
export function watchDevice(device: GPUDevice, info: AdapterInfo = adapterInfo(device.adapterInfo)): Gpu {
  let failure: Error | undefined
  device.addEventListener('uncapturederror', (event) => {
    const { error } = event as GPUUncapturedErrorEvent
    failure ??= isOutOfMemory(error)
      ? new OutOfMemoryError(error.message)
      : new Error(`WebGPU ${error.constructor.name}: ${error.message}`)
  })
  const lost = device.lost.then(({ reason, message }) => {
    failure ??= new GpuError(
      `The GPU device was lost (${reason}): ${message.replace(/\.$/, '') || 'no reason given'}. Run the command again; if it ` +
        'keeps happening, use fewer environments or agents.',
      5,
    )
  })
  return {
    device,
    info,
    software: isSoftware(info),
    check() {
      if (failure) throw failure
    },
    async explain(error) {
      await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, LOST_AFTER_MS))])
      throw failure ?? error
    },
  }
}

const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const

/** Timestamps are for measurements; without subgroups a software adapter is slower. */
const WANTED_FEATURES: GPUFeatureName[] = ['timestamp-query', 'subgroups']

/**
 * Requests a device with all that the adapter offers.
 * @throws GpuError 3 when there is no WebGPU or no adapter, with what to do.
 */
export async function requestGpu(gpu: GPU | undefined = globalThis.navigator?.gpu): Promise<Gpu> {
  if (!gpu) {
    throw new GpuError(
      'This browser offers no WebGPU (navigator.gpu is missing). Use Chrome 113 or newer on https or 127.0.0.1; ' +
        'on Linux start it with --enable-unsafe-webgpu.',
      3,
    )
  }
  const adapter = await patiently(gpu, 'adapter', gpu.requestAdapter({ powerPreference: 'high-performance' }))
  if (!adapter) {
    throw new GpuError(
      'No WebGPU adapter was found. Update the graphics driver, or start Chrome with its software adapter: ' +
        '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
      3,
    )
  }
  const info = await patiently(gpu, 'adapter', askAdapter(adapter))
  const requiredLimits = Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]]))
  const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name))
  const wanted = { requiredLimits, requiredFeatures, label: 'ppo-webgpu' }
  const device = await patiently(gpu, 'device', adapter.requestDevice(wanted)).catch((error: Error) => {
    if (error instanceof GpuError) throw error
    // It is asked for no more than it offers: it was lost in between.
    throw new GpuError(`The GPU was lost before there was a device: ${error.message}. Run the command again.`, 5)
  })
  return watchDevice(device, info)
}
