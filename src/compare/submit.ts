/** Submits dispatches of a run on their own, and reads the results of an update. */

import { type Dispatch, encode } from '../gpu/dispatch'
import { readBuffer } from '../gpu/readback'
import { readStruct, reflectStruct } from '../gpu/reflect'
import { headsLayout } from '../plan/buffers'
import type { Run } from '../run/run'
import type { SampleResult, UpdateResult } from './dump'

/** Submits dispatches that were made from `run`. */
export function submit(run: Run, dispatches: Dispatch[]): void {
  const encoder = run.gpu.device.createCommandEncoder({ label: 'replay' })
  const pass = encoder.beginComputePass({ label: 'replay' })
  encode(pass, run.arena, dispatches)
  pass.end()
  run.gpu.device.queue.submit([encoder.finish()])
}

/** The results of the last minibatch, and the statistics of all of them. */
export async function updateResult(run: Run): Promise<UpdateResult> {
  const { device } = run.gpu
  const read = async (name: keyof Run['buffers']) => new Float32Array(await readBuffer(device, run.buffers[name]))
  const samples = run.fused ? null : await perSample(run)
  const [gradient, params, stats] = await Promise.all([
    read('gradients'),
    read('parameters'),
    readBuffer(device, run.buffers.update_stats),
  ])
  const { code } = run.kernels.control
  const layout = reflectStruct(code, 'UpdateStats')
  const columns = ['pgLoss', 'vLoss', 'entropy', 'loss', 'approxKl', 'oldApproxKl', 'clipfrac', 'kl', 'gradNorm']
  const curve = Array.from({ length: run.sizes.numUpdates }, (_, u) => {
    const row = readStruct(layout, new DataView(stats), u * layout.size) as Record<string, number>
    return columns.map((name) => row[name])
  })
  return { samples, gradient, params, curve: Float32Array.from(curve.flat()) }
}

/** The samples of the last minibatch, in its order; fused updates store none. */
async function perSample(run: Run): Promise<SampleResult> {
  const { device } = run.gpu
  const { shape } = run.layout
  const n = run.sizes.minibatchSize
  const [losses, headBytes] = await Promise.all([
    readBuffer(device, run.buffers.losses),
    readBuffer(device, run.buffers.heads),
  ])
  const { code } = run.kernels.ppo_loss
  const layout = reflectStruct(code, 'SampleLoss')
  const samples = Array.from({ length: n }, (_, i) => {
    return readStruct(layout, new DataView(losses), i * layout.size) as Record<string, number>
  })
  const heads = new Float32Array(headBytes)
  const { values, valueStride, outputStride } = headsLayout(run.sizes, run.layout, n)
  const { actionDim } = shape
  return {
    newLogprob: Float32Array.from(samples, (s) => s.newLogprob),
    ratio: Float32Array.from(samples, (s) => s.ratio),
    entropyPerSample: Float32Array.from(samples, (s) => s.entropy),
    newValue: Float32Array.from({ length: n }, (_, i) => heads[values + i * valueStride]),
    out: Float32Array.from(
      { length: n * actionDim },
      (_, i) => heads[Math.floor(i / actionDim) * outputStride + (i % actionDim)],
    ),
  }
}
