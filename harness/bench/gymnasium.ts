/** Measures Gymnasium's original environments in Python, if installed, on the same machine and in the same bench. */
import { spawnSync } from 'node:child_process'
import type { BenchRow, Skipped } from '../cases/rows'
import { count } from '../cli/output'
import { significant, spread } from '../timing/statistics'
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
  const kernels = rows.filter(({ unit, plan }) => unit === 'steps' && plan !== 'reference')
  const found: BenchRow[] = []
  const skipped: Skipped[] = []
  for (const kernel of kernels) {
    const { env } = kernel
    say(`env-step ${env}, Gymnasium's in ${python} ...`)
    const stepped = step(python, env, timing)
    if (typeof stepped === 'string') {
      say(`  skipped: ${stepped}`)
      skipped.push({ case: `env-step ${env}`, plan: 'Gymnasium', numEnvs: 8, hidden: [], reason: stepped })
      continue
    }
    const row = rowOf(kernel, stepped)
    found.push(row)
    const times = kernel.sps! / row.sps!
    say(
      `  ${count(kernel.sps)} steps/s of the kernel on ${kernel.adapter}, ${count(row.sps)} of Gymnasium: ` +
        `${times.toPrecision(3)} times as many.`,
    )
  }
  return { rows: found, skipped }
}

/** The measurement, or why there is none. */
function step(python: string, env: string, timing: { repeats: number; repeatSeconds: number }): Stepped | string {
  const args = ['-c', script, env, `${timing.repeats}`, `${timing.repeatSeconds}`]
  const { error, status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', timeout: TIMEOUT_MS })
  if (error) return `${python}: ${error.message}. Name a Python that has gymnasium[box2d] in PPO_WEBGPU_PYTHON.`
  const last = (text: string): string => text.trim().split('\n').at(-1) ?? ''
  if (status !== 0)
    return `${python}: ${last(stderr)}. Install gymnasium[box2d] there, or name another Python in PPO_WEBGPU_PYTHON.`
  return JSON.parse(last(stdout))
}

function rowOf(kernel: BenchRow, { seconds, units, numEnvs, numSteps, gymnasium, python }: Stepped): BenchRow {
  const each = seconds.map((s) => s / units)
  const ms = spread(each.map((s) => 1000 * s))
  const sps = spread(each.map((s) => (numEnvs * numSteps) / s))
  return {
    ...kernel,
    ...{ case: `env-step ${kernel.env}`, who: `Gymnasium ${gymnasium}`, plan: 'SyncVectorEnv', numEnvs, numSteps },
    ...{ ms: significant(ms.median, 4), msMin: significant(ms.min, 4), msMax: significant(ms.max, 4) },
    ...{ sps: Math.round(sps.median), spsMin: Math.round(sps.min), spsMax: Math.round(sps.max) },
    ...{ repeats: seconds.length, iterations: units, dispatches: null, dispatchesPerIteration: null },
    ...{ hostMsPerIteration: null, firstUpdateSeconds: null },
    ...{ adapter: `CPU, Python ${python}`, isFallbackAdapter: null, browser: null },
  }
}
