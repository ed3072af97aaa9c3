/** Records a library's use of WebGPU, by wrapping the browser's own functions: dispatches, and uncaught errors. */

export interface GpuWatch {
  dispatches: number
  errors: string[]
}

/** Call before the library requests a device. */
export function watchGpu(): GpuWatch {
  const watch: GpuWatch = { dispatches: 0, errors: [] }
  const { dispatchWorkgroups, dispatchWorkgroupsIndirect } = GPUComputePassEncoder.prototype
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...args) {
    watch.dispatches++
    return dispatchWorkgroups.apply(this, args)
  }
  GPUComputePassEncoder.prototype.dispatchWorkgroupsIndirect = function (...args) {
    watch.dispatches++
    return dispatchWorkgroupsIndirect.apply(this, args)
  }
  const { requestDevice } = GPUAdapter.prototype
  GPUAdapter.prototype.requestDevice = async function (...args) {
    const device = await requestDevice.apply(this, args)
    device.addEventListener('uncapturederror', ({ error }) => watch.errors.push(error.message))
    device.lost.then(({ message, reason }) => watch.errors.push(`the device was lost (${reason}: ${message})`))
    return device
  }
  return watch
}
