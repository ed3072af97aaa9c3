/** Everything that training goes on from, read off the GPU between two submits, and put back. */
import { readStruct, reflectStruct } from '../../gpu/reflect'
import type { Run } from '../../run'
import type { Snapshot } from '../protocol'

/** What an iteration leaves to the next one; all else it writes before it reads. */
const BUFFERS = ['parameters', 'moments', 'progress', 'stop', 'env_states', 'episodes', 'return_window'] as const
/** Larger runs are not kept: a reload begins them anew. */
const MOST_BYTES = 64 * 2 ** 20

export async function takeSnapshot(run: Run): Promise<Pick<Snapshot, 'iterations' | 'buffers'> | null> {
  const { device } = run.gpu
  const sizes = BUFFERS.map((name) => run.buffers[name].size)
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total > MOST_BYTES) return null
  const staging = device.createBuffer({
    label: 'snapshot',
    size: total,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  })
  const encoder = device.createCommandEncoder({ label: 'snapshot' })
  let at = 0
  const places = BUFFERS.map((name, i) => {
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
  const fits = BUFFERS.every((name) => buffers[name]?.byteLength === run.buffers[name].size)
  if (!fits) return false
  for (const name of BUFFERS) run.gpu.device.queue.writeBuffer(run.buffers[name], 0, buffers[name])
  return true
}
