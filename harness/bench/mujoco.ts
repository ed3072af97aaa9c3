/** Measures MuJoCo itself on the tasks that are its own, in the same bench: the WASM build, in this process. */
import type { BenchRow, Skipped } from '../cases/rows'
import { isMujocoTask, stepMujoco } from '../peers/mujoco'
import { besideRow, kernelRows, timesAsMany } from './beside'

const WHO = 'MuJoCo (WASM)'

/** A row of MuJoCo for each of its tasks among `rows` (case `env-step`), or why there is none. */
export async function measureMujoco(
  rows: BenchRow[],
  timing: { repeats: number; repeatSeconds: number },
  say: (line: string) => void,
): Promise<{ rows: BenchRow[]; skipped: Skipped[] }> {
  const found: BenchRow[] = []
  const skipped: Skipped[] = []
  for (const kernel of kernelRows(rows).filter(({ env }) => isMujocoTask(env))) {
    const { env } = kernel
    say(`env-step ${env}, ${WHO} in this process ...`)
    try {
      const { version, ...stepped } = await stepMujoco(env, timing.repeats, timing.repeatSeconds)
      const plan = 'one environment'
      const adapter = `CPU, Node ${process.versions.node}`
      const row = besideRow(kernel, { ...stepped, numEnvs: 1, who: `MuJoCo ${version} (WASM)`, plan, adapter })
      found.push(row)
      say(timesAsMany(kernel, row, 'MuJoCo'))
    } catch (error) {
      const { message, code } = error as Error & { code?: string }
      if (code !== 'ERR_MODULE_NOT_FOUND') throw error
      const reason = `${message}. Install it: npm install --save-dev @mujoco/mujoco.`
      say(`  skipped: ${reason}`)
      skipped.push({ case: `env-step ${env}`, plan: WHO, numEnvs: 1, hidden: [], reason })
    }
  }
  return { rows: found, skipped }
}
