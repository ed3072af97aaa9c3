/** Measures Gymnasium's original environments in Python, if installed, on the same machine and in the same bench. */
import type { BenchRow, Skipped } from '../cases/rows'
import { pythonProgram, runPython } from '../peers/runpython'
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
 * is.
 */
export function measureGymnasium(
  rows: BenchRow[],
  timing: { repeats: number; repeatSeconds: number },
  say: (line: string) => void,
): { rows: BenchRow[]; skipped: Skipped[] } {
  const found: BenchRow[] = []
  const skipped: Skipped[] = []
  for (const kernel of kernelRows(rows)) {
    const { env } = kernel
    say(`env-step ${env}, Gymnasium's in ${pythonProgram()} ...`)
    const args = [env, timing.repeats, timing.repeatSeconds]
    const stepped = runPython<Stepped>(script, args, 'gymnasium[box2d,mujoco]', TIMEOUT_MS)
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
