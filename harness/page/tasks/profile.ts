/** Where the time of an iteration goes, kernel by kernel. */
import { findEnv } from '../../../envs/registry'
import type { Dispatch } from '../../../src/gpu/dispatch'
import { networkShape } from '../../../src/kernels'
import { iteration } from '../../../src/ppo'
import { createRun, destroyRun } from '../../../src/run'
import type { ProfileRow, TrainArgs } from '../protocol'
import { sharedGpu } from './device'
import { submit } from './replay'

/** The fastest of so many is reported: other work on the machine only ever adds. */
const REPEATS = 5

/** Dispatches one iteration, then each kernel's dispatches of an iteration alone, and times them on the host. */
export async function profile({ env, config }: TrainArgs): Promise<ProfileRow[]> {
  const gpu = await sharedGpu()
  const spec = findEnv(env)
  const run = await createRun(gpu, { spec, shape: networkShape(spec, config), config })
  try {
    const all = iteration(run, 0)
    run.arena.upload()
    submit(run, all)
    await gpu.device.queue.onSubmittedWorkDone()
    const stems = [...new Set(all.map((d) => d.kernel.stem))]
    const rows: ProfileRow[] = []
    for (const stem of stems) {
      const own: Dispatch[] = all.filter((d) => d.kernel.stem === stem)
      let ms = Number.POSITIVE_INFINITY
      for (let i = 0; i < REPEATS; i++) {
        const start = performance.now()
        submit(run, own)
        await gpu.device.queue.onSubmittedWorkDone()
        ms = Math.min(ms, performance.now() - start)
      }
      rows.push({ stem, dispatches: own.length, ms, flops: own.reduce((sum, d) => sum + d.flops, 0) })
    }
    gpu.check()
    return rows
  } finally {
    destroyRun(run)
  }
}
