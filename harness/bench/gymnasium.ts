/** Measures Gymnasium's original environments in Python, if installed, on the same machine and in the same bench. */
import { spawnSync } from 'node:child_process'
import type { BenchRow, Skipped } from '../cases/rows'
import { besideRow, kernelRows, timesAsMany } from './beside'
import script from './gymnasium_steps.py?raw'

/** Time limit of one environment; Python starts in a second or two. */
const TIMEOUT_MS = 120_000

interface Stepped {
  seconds: number[]
  units: number
  numEnvs: number
  numSteps: number
  gymnasium: string
  python: string
}

/**
 * A row of Gymnasium for each environment of `rows` (case `env-step`), and in words how many times as fast the kernel
 * is. `PPO_WEBGPU_PYTHON` names the Python program; default `python3`.
 */
export function measureGymnasium(
  rows: BenchRow[],
  timing: { repeats: number; repeatSeconds: number },
  say: (line: string) => void,
): { rows: BenchRow[]; skipped: Skipped[] } {
  const python = process.env.PPO_WEBGPU_PYTHON || 'python3'
  const found: BenchRow[] = []
  const skipped: Skipped[] = []
  for (const kernel of kernelRows(rows)) {
    const { env } = kernel
    say(`env-step ${env}, Gymnasium's in ${python} ...`)
    const stepped = step(python, env, timing)
    if (typeof stepped === 'string') {
      say(`  skipped: ${stepped}`)
      skipped.push({ case: `env-step ${env}`, plan: 'Gymnasium', numEnvs: 8, hidden: [], reason: stepped })
      continue
    }
    const { gymnasium, python: version, ...times } = stepped
    const who = `Gymnasium ${gymnasium}`
    const row = besideRow(kernel, { ...times, who, plan: 'SyncVectorEnv', adapter: `CPU, Python ${version}` })
    found.push(row)
    say(timesAsMany(kernel, row, 'Gymnasium'))
  }
  return { rows: found, skipped }
}

/** The measurement, or why there is none. */
function step(python: string, env: string, timing: { repeats: number; repeatSeconds: number }): Stepped | string {
  const args = ['-c', script, env, `${timing.repeats}`, `${timing.repeatSeconds}`]
  const { error, status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', timeout: TIMEOUT_MS })
  if (error) return `${python}: ${error.message}. Name a Python that has gymnasium[box2d,mujoco] in PPO_WEBGPU_PYTHON.`
  const last = (text: string): string => text.trim().split('\n').at(-1) ?? ''
  if (status !== 0)
    return `${python}: ${last(stderr)}. Install gymnasium[box2d,mujoco] there, or name another Python in PPO_WEBGPU_PYTHON.`
  return JSON.parse(last(stdout))
}
