/** Requests a device and keeps the first of its errors. */
import { type AdapterInfo, adapterInfo, adapterName, askAdapter, isSoftware } from './adapter'
import { GpuError, isOutOfMemory, OutOfMemoryError } from './gpuerror'
import { patiently } from './patience'

export { adapterName, isSoftware } from './adapter'
export { GpuError, OutOfMemoryError } from './gpuerror'

/** A device, its adapter, and a promise that rejects at its first error. */
export interface Gpu {
  device: GPUDevice
  info: AdapterInfo
  /** True for a software adapter such as SwiftShader: results are right, but speed says nothing about hardware. */
  software: boolean
  /** Throws the first uncaptured error or the loss of the device, if there was one. */
  check(): void
  /**
   * Throws the cause of a failed readback: when a device is lost, the readback is aborted first and the loss is
   * reported a moment later.
   */
  explain(error: unknown): Promise<never>
}

/** The name of the adapter, as in results. */
export const gpuName = ({ info, software }: Gpu): string => adapterName({ ...info, software })

/** How long after a failed readback the loss of the device may be reported. */
const LOST_AFTER_MS = 2000

/**
 * Records uncaptured errors and the loss of `device`; use it for your own device.
 * @param info The adapter's names. If the device has none (Safari 26.0), it is unnamed and counts as hardware.
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
 * Requests a device with all features and limits of the adapter that are used here.
 * @throws GpuError 3 if there is no WebGPU or no adapter, with what to do.
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
    // The request is never for more than the adapter offers, so this means that it was lost in between.
    throw new GpuError(`The GPU was lost before there was a device: ${error.message}. Run the command again.`, 5)
  })
  return watchDevice(device, info)
}
