/** Everything that training goes on from, read off the GPU between two submits, and put back. */
import { readStruct, reflectStruct } from '../../gpu/reflect'
import { normaliserLayout, normaliserStride, type Running } from '../../normaliser'
import type { Run } from '../../run'
import type { Snapshot, Weights } from '../protocol'

/** What an iteration leaves to the next one; all else it writes before it reads. */
const KEPT = [
  'parameters',
  'moments',
  'progress',
  'stop',
  'env_states',
  'episodes',
  'return_window',
  'normaliser',
] as const
const keptBy = (run: Run) => KEPT.filter((name) => run.buffers[name] !== undefined)

/** Larger runs are not kept: a reload begins them anew. */
const MOST_BYTES = 64 * 2 ** 20

export async function takeSnapshot(run: Run): Promise<Pick<Snapshot, 'iterations' | 'buffers'> | null> {
  const { device } = run.gpu
  const names = keptBy(run)
  const sizes = names.map((name) => run.buffers[name].size)
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total > MOST_BYTES) return null
  const staging = device.createBuffer({
    label: 'snapshot',
    size: total,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  })
  const encoder = device.createCommandEncoder({ label: 'snapshot' })
  let at = 0
  const places = names.map((name, i) => {
    encoder.copyBufferToBuffer(run.buffers[name], 0, staging, at, sizes[i])
    at += sizes[i]
    return { name, start: at - sizes[i], end: at }
  })
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const bytes = staging.getMappedRange().slice(0)
  staging.destroy()
  const buffers = Object.fromEntries(places.map(({ name, start, end }) => [name, bytes.slice(start, end)]))
  return { iterations: iterationsOf(run, buffers.progress), buffers }
}

/** The longest that an agent has trained: agents that stopped keep the count at which they did. */
function iterationsOf(run: Run, bytes: ArrayBuffer): number {
  const { code } = run.kernels.control
  const layout = reflectStruct(code, 'Progress')
  const of = (agent: number) => readStruct(code, layout, new DataView(bytes), agent * layout.size).iteration as number
  return Math.max(...Array.from({ length: run.sizes.numAgents }, (_, agent) => of(agent)))
}

/** Puts a snapshot back; false when it does not fit this run, and then nothing has changed. */
export function restoreSnapshot(run: Run, { buffers }: Pick<Snapshot, 'buffers'>): boolean {
  const names = keptBy(run)
  const fits = names.every((name) => buffers[name]?.byteLength === run.buffers[name].size)
  if (!fits) return false
  for (const name of names) run.gpu.device.queue.writeBuffer(run.buffers[name], 0, buffers[name])
  return true
}

/** Every agent begins from the same saved policy. */
export function writeWeights(run: Run, { params, normaliser }: Weights): void {
  const { queue } = run.gpu.device
  const { obsDim } = run.layout.shape
  const at = normaliserLayout(obsDim)
  const write = (buffer: GPUBuffer, float: number, data: ArrayLike<number>) =>
    queue.writeBuffer(buffer, 4 * float, Float32Array.from(data))
  for (let agent = 0; agent < run.sizes.numAgents; agent++) {
    write(run.buffers.parameters, agent * run.layout.paramStride, params)
    const first = agent * normaliserStride(obsDim, run.sizes.numEnvs)
    const put = (running: Running | null | undefined, mean: number, variance: number, count: number) => {
      if (!running) return
      write(run.buffers.normaliser, first + mean, running.mean)
      write(run.buffers.normaliser, first + variance, running.variance)
      write(run.buffers.normaliser, first + count, [running.count])
    }
    put(normaliser?.obs, at.obsMean, at.obsVar, at.obsCount)
    put(normaliser?.returns, at.returnMean, at.returnVar, at.returnCount)
  }
}
