/** GPU time of each kernel in a unit of a bench case. */
import { requestGpu } from '../../../src/gpu/device'
import { type Dispatch, encode } from '../../../src/gpu/dispatch'
import { readBuffer } from '../../../src/gpu/readback'
import type { Run } from '../../../src/run/run'
import type { KernelTime, ProfileArgs, ProfileResult } from '../../protocol/protocol'
import { expectOpenGates, openParts, submitAll } from './parts'

/** Two timestamps per pass; a query set has at most 4096. */
const PASSES = 2048

export async function profile(args: ProfileArgs): Promise<ProfileResult> {
  const gpu = await requestGpu()
  try {
    const parts = await openParts(gpu, args)
    try {
      const { run } = parts
      if (!gpu.device.features.has('timestamp-query')) return { plan: run.plan, kernels: null }
      const dispatches = parts.units(1)
      await submitAll(run, dispatches)
      const kernels = new Map<string, KernelTime>()
      for (let first = 0; first < dispatches.length; first += PASSES) {
        const list = dispatches.slice(first, first + PASSES)
        const ms = await timePasses(run, list)
        list.forEach(({ kernel: { stem }, flops }, i) => {
          const sum = kernels.get(stem) ?? { kernel: stem, dispatches: 0, ms: 0, flops: 0 }
          kernels.set(stem, { ...sum, dispatches: sum.dispatches + 1, ms: sum.ms + ms[i], flops: sum.flops + flops })
        })
      }
      await expectOpenGates(run)
      return { plan: run.plan, kernels: [...kernels.values()].sort((a, b) => b.ms - a.ms) }
    } finally {
      parts.destroy()
    }
  } finally {
    gpu.device.destroy()
  }
}

/** Milliseconds of each dispatch, each in a separate pass. */
async function timePasses(run: Run, list: Dispatch[]): Promise<number[]> {
  const { device } = run.gpu
  const querySet = device.createQuerySet({ label: 'profile', type: 'timestamp', count: 2 * list.length })
  const times = device.createBuffer({
    label: 'profile.times',
    size: 16 * list.length,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  })
  list.forEach((dispatch, i) => {
    // One submit each: as short as in training, and none waits for the data of another.
    const encoder = device.createCommandEncoder({ label: 'profile' })
    const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 }
    const pass = encoder.beginComputePass({ label: dispatch.kernel.stem, timestampWrites })
    encode(pass, run.arena, [dispatch])
    pass.end()
    device.queue.submit([encoder.finish()])
  })
  const encoder = device.createCommandEncoder({ label: 'profile' })
  encoder.resolveQuerySet(querySet, 0, 2 * list.length, times, 0)
  device.queue.submit([encoder.finish()])
  const ns = new BigUint64Array(await readBuffer(device, times))
  querySet.destroy()
  times.destroy()
  return list.map((_, i) => Number(ns[2 * i + 1] - ns[2 * i]) / 1e6)
}
