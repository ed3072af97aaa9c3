/** One dispatch of one kernel on given arrays: for tests and checks, never for training. */
import type { Gpu } from './device'
import { ArgsArena, bindStorage, checkWorkgroups, encode } from './dispatch'
import { pipelinesOf, pipelinesRan } from './patience'
import { createKernel } from './pipeline'
import { readBuffer, uploadBuffer } from './readback'

type Data = Float32Array | Uint32Array | Int32Array

export interface KernelRun {
  stem: string
  /** Module slots: WGSL source for `//#import "env"` and the like. */
  slots?: Record<string, { file: string; source: string }>
  /** Values of the pipeline's `override` constants. */
  overrides?: Record<string, number>
  /** The kernel's uniform `args`, by field name. */
  args: Record<string, unknown>
  /** Storage buffers by binding name. Typed arrays are copied in; those in `outputs` are copied out afterwards. */
  buffers: Record<string, Data>
  outputs: string[]
  workgroups: [number, number, number]
}

/** Runs one dispatch on copies of the given buffers and returns the requested ones. */
export type RunKernel = (run: KernelRun) => Promise<Record<string, Data>>

/** `RunKernel` on `gpu`. */
export function kernelRunner(gpu: Gpu): RunKernel {
  const { device } = gpu
  return async (run) => {
    const { stem, slots, overrides } = run
    const kernel = await createKernel(device, stem, { slots, overrides })
    checkWorkgroups(stem, run.workgroups)
    const buffers = Object.entries(run.buffers).map(
      ([name, data]) => [name, { buffer: uploadBuffer(device, name, data) }] as const,
    )
    const arena = new ArgsArena(device)
    const args = arena.add(kernel, run.args)
    arena.upload()
    const storage = bindStorage(device, kernel, Object.fromEntries(buffers))
    const encoder = device.createCommandEncoder({ label: stem })
    const pass = encoder.beginComputePass({ label: stem })
    encode(pass, arena, [{ kernel, storage, args, workgroups: run.workgroups, flops: 0 }])
    pass.end()
    device.queue.submit([encoder.finish()])
    const pipelines = pipelinesOf(device)
    const results: Record<string, Data> = {}
    for (const name of run.outputs) {
      const bytes = await readBuffer(device, buffers.find(([n]) => n === name)![1].buffer)
      const Kind = run.buffers[name].constructor as Float32ArrayConstructor
      results[name] = new Kind(bytes, 0, run.buffers[name].length)
    }
    pipelinesRan(device, pipelines)
    for (const [, { buffer }] of buffers) buffer.destroy()
    arena.destroy()
    gpu.check()
    return results
  }
}
