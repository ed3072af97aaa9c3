/** The page's device, and single kernels on it. */
import { type Gpu, requestGpu } from '../../../src/gpu/device'
import { kernelRunner, type RunKernel } from '../../../src/gpu/once'
import type { AdapterFacts, KernelRun, Tasks } from '../../protocol/protocol'

let shared: Promise<Gpu> | undefined

/** One device for the tasks that do not train; `train` makes and destroys its own. */
export async function sharedGpu(): Promise<Gpu> {
  shared ??= requestGpu()
  const gpu = await shared
  gpu.check()
  return gpu
}

export async function adapter(): Promise<AdapterFacts> {
  const { device, info, software } = await sharedGpu()
  const limits: Record<string, number> = {}
  for (const name in device.limits) limits[name] = device.limits[name as 'maxBufferSize']
  return {
    ...info,
    software,
    isFallbackAdapter: info.isFallbackAdapter ?? null,
    limits,
  }
}

let runner: RunKernel | undefined

/** Runs one dispatch on copies of the given buffers and returns the requested ones. */
export async function runKernel(run: KernelRun): Promise<Tasks['runKernel'][1]> {
  const gpu = await sharedGpu()
  runner ??= kernelRunner(gpu)
  return runner(run)
}
