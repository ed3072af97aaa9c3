/** Everything that training goes on from, read off the GPU between two submits, and put back. */
import { largest, smallest } from './extremes'
import { readBuffers } from './gpu/readback'
import { readStruct, reflectStruct } from './gpu/reflect'
import { KEPT, type KeptBuffer } from './kept'
import type { Run } from './run'

export interface Snapshot {
  /** Iterations that it is the outcome of: see `iterationsDone`. */
  iterations: number
  /** Contents of the buffers, as src/buffers.ts lays them out. */
  buffers: Partial<Record<KeptBuffer, ArrayBuffer>>
}

const keptBy = (run: Run): KeptBuffer[] => KEPT.filter((name) => run.buffers[name] !== undefined)

/** Bytes that a snapshot of `run` takes. */
export const snapshotBytes = (run: Run): number => keptBy(run).reduce((sum, name) => sum + run.buffers[name].size, 0)

/** As it is after all that has been submitted: the copies are submitted before this returns. */
export async function takeSnapshot(run: Run): Promise<Snapshot> {
  const names = keptBy(run)
  const contents = await readBuffers(
    run.gpu.device,
    names.map((name) => run.buffers[name]),
  )
  const buffers = Object.fromEntries(names.map((name, i) => [name, contents[i]])) as Record<KeptBuffer, ArrayBuffer>
  return { iterations: iterationsOf(run, buffers.progress), buffers }
}

function iterationsOf(run: Run, bytes: ArrayBuffer): number {
  const { code } = run.kernels.control
  const layout = reflectStruct(code, 'Progress')
  const progress = Array.from({ length: run.sizes.numAgents }, (_, agent) =>
    readStruct(layout, new DataView(bytes), agent * layout.size),
  )
  const all = (field: 'iteration' | 'status') => progress.map((p) => p[field] as number)
  return iterationsDone(all('iteration'), all('status'))
}

/** `status` in `progress` of an agent that has more before it. */
export const RUNNING = 0

/**
 * Iterations that a run has behind it: those of the last of the agents that have more before them. Agents that stopped keep
 * the count at which they did, and tell only when all have: the longest then.
 */
export function iterationsDone(iterations: ArrayLike<number>, status: ArrayLike<number>): number {
  const all = Array.from(iterations)
  const running = all.filter((_, agent) => status[agent] === RUNNING)
  return running.length > 0 ? smallest(running) : largest(all, 0)
}

/** Puts a snapshot back; false when it does not fit this run, and then nothing has changed. */
export function restoreSnapshot(run: Run, { buffers }: Pick<Snapshot, 'buffers'>): boolean {
  const names = keptBy(run)
  const fits = names.every((name) => buffers[name]?.byteLength === run.buffers[name].size)
  if (!fits) return false
  for (const name of names) run.gpu.device.queue.writeBuffer(run.buffers[name], 0, buffers[name]!)
  return true
}
