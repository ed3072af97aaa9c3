/** The page's device, and single kernels on it. */
import { type Gpu, requestGpu } from '../../../src/gpu/device'
import { ArgsArena, bindStorage, checkWorkgroups, encode } from '../../../src/gpu/dispatch'
import { createKernel, type Kernel } from '../../../src/gpu/pipeline'
import { readBuffer, uploadBuffer } from '../../../src/gpu/readback'
import type { AdapterFacts, KernelRun, Tasks } from '../protocol'

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
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    software,
    isFallbackAdapter: (info as { isFallbackAdapter?: boolean }).isFallbackAdapter ?? null,
    limits,
  }
}

/** The kernel of the latest `runKernel`, by what it was made of: tests ask one kernel many questions. */
let latest: { key: string; kernel: Promise<Kernel> } | undefined

function kernelOf(device: GPUDevice, { stem, slots, overrides }: KernelRun): Promise<Kernel> {
  const key = JSON.stringify([stem, slots, overrides])
  if (latest?.key !== key) latest = { key, kernel: createKernel(device, stem, { slots, overrides }) }
  return latest.kernel
}

/** Runs one dispatch over copies of the given buffers and returns those asked for. */
export async function runKernel(run: KernelRun): Promise<Tasks['runKernel'][1]> {
  const gpu = await sharedGpu()
  const { device } = gpu
  const kernel = await kernelOf(device, run)
  checkWorkgroups(run.stem, run.workgroups)
  const buffers = Object.entries(run.buffers).map(
    ([name, data]) => [name, { buffer: uploadBuffer(device, name, data) }] as const,
  )
  const arena = new ArgsArena(device)
  const args = arena.add(kernel, run.args)
  arena.upload()
  const storage = bindStorage(device, kernel, Object.fromEntries(buffers))
  const encoder = device.createCommandEncoder({ label: run.stem })
  const pass = encoder.beginComputePass({ label: run.stem })
  encode(pass, arena, [{ kernel, storage, args, workgroups: run.workgroups, flops: 0 }])
  pass.end()
  device.queue.submit([encoder.finish()])
  const results: Tasks['runKernel'][1] = {}
  for (const name of run.outputs) {
    const bytes = await readBuffer(device, buffers.find(([n]) => n === name)![1].buffer)
    const Kind = run.buffers[name].constructor as Float32ArrayConstructor
    results[name] = new Kind(bytes, 0, run.buffers[name].length)
  }
  for (const [, { buffer }] of buffers) buffer.destroy()
  arena.destroy()
  gpu.check()
  return results
}
