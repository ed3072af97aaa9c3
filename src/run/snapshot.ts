/** Reads the whole state of training from the GPU between two submits, and restores it. */
import { readBuffers } from '../gpu/readback'
import { readStruct, reflectStruct } from '../gpu/reflect'
import { iterationsDone, KEPT, type KeptBuffer, type Snapshot } from '../plan/kept'
import type { Run } from './run'

const keptBy = (run: Run): KeptBuffer[] => KEPT.filter((name) => run.buffers[name] !== undefined)

/** Size of a snapshot of `run` in bytes. */
export const snapshotBytes = (run: Run): number => keptBy(run).reduce((sum, name) => sum + run.buffers[name].size, 0)

/** The state after everything submitted so far: the copies are submitted before this function returns. */
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

/** Restores a snapshot; false if it does not fit this run, and then nothing has changed. */
export function restoreSnapshot(run: Run, { buffers }: Pick<Snapshot, 'buffers'>): boolean {
  const names = keptBy(run)
  const fits = names.every((name) => buffers[name]?.byteLength === run.buffers[name].size)
  if (!fits) return false
  for (const name of names) run.gpu.device.queue.writeBuffer(run.buffers[name], 0, buffers[name]!)
  return true
}
