/** `bench --rivals`, the Python ones: whole training in CleanRL's configuration, where a Python has the libraries. */
import { type BenchRow, cpuWhere, type Skipped, timedRow } from '../cases/rows'
import type { TimingOptions } from '../timing/timing'
import jaxScript from './python/ppo_jax.py?raw'
import sb3Script from './python/ppo_sb3.py?raw'
import { pythonProgram, runPython } from './runpython'
import { rivalSetting } from './setting'

const PROGRAMS = [
  { name: 'Stable-Baselines3', plan: 'PyTorch', script: sb3Script, packages: 'stable-baselines3' },
  { name: "PureJaxRL's algorithm", plan: 'XLA', script: jaxScript, packages: 'jax gymnax six' },
] as const

/** The threshold of CartPole-v1, and steps after which a program gives up to reach it. */
const THRESHOLD = 475
const MOST_STEPS = 500_000
/** Stable-Baselines3 needs about five minutes for that many steps on one slow core. */
const TIMEOUT_MS = 900_000

export interface PythonRival {
  /** Library and version, and what computed it. */
  who: string
  device: string
  python: string
  /** Until the libraries were imported; then until its program was compiled. */
  importSeconds: number
  compileSeconds: number
  /** Environment steps per second: the median. */
  sps: number
  /** Training until the last 100 episodes had a mean return of 475; null if it took more than 500,000 steps. */
  solvedSeconds: number | null
  /** Environment steps by then. */
  solvedSteps: number
}

/** One line of JSON of a program. */
interface Printed extends Omit<PythonRival, 'who' | 'sps'> {
  library: string
  version: string
  firstUpdateSeconds: number
  seconds: number[]
  units: number
}

export interface PythonRivals {
  rows: BenchRow[]
  skipped: Skipped[]
  python: PythonRival[]
}

/** Rows of those that there is a Python for; the others are skipped, with the reason. */
export function runPythonRivals(
  timing: Pick<TimingOptions, 'repeats' | 'repeatSeconds'>,
  say: (line: string) => void,
): PythonRivals {
  const { point } = rivalSetting({ name: 'cartpole-cleanrl' })
  const { numEnvs, hidden } = point.config
  const found: PythonRivals = { rows: [], skipped: [], python: [] }
  for (const { name, plan, script, packages } of PROGRAMS) {
    say(`cartpole-cleanrl, ${name} in ${pythonProgram()} ...`)
    const args = [timing.repeats, timing.repeatSeconds, THRESHOLD, MOST_STEPS]
    const printed = runPython<Printed>(script, args, packages, TIMEOUT_MS)
    if (typeof printed === 'string') {
      say(`  skipped: ${printed}`)
      found.skipped.push({ case: point.name, plan: name, numEnvs, hidden, reason: printed })
      continue
    }
    const { row, rival } = rivalOf(printed, plan)
    say(`  ${inWords(rival)}`)
    found.rows.push(row)
    found.python.push(rival)
  }
  return found
}

/** The row of the bench, and what such a row has no place for. */
export function rivalOf(printed: Printed, plan: string): { row: BenchRow; rival: PythonRival } {
  const { library, version, seconds, units, firstUpdateSeconds, ...times } = printed
  const who = `${library} ${version}`
  const unmeasured = { dispatches: null, dispatchesPerIteration: null, hostMs: null }
  const where = { ...cpuWhere(), adapter: `${printed.device}, Python ${printed.python}` }
  const timed = timedRow(
    rivalSetting({ name: 'cartpole-cleanrl' }).point,
    { seconds, units, plan, firstUpdateSeconds, ...unmeasured },
    where,
  )
  return { row: { ...timed, who }, rival: { ...times, who, sps: timed.sps! } }
}

export function inWords({ sps, importSeconds, compileSeconds, solvedSeconds, solvedSteps }: PythonRival): string {
  const solved =
    solvedSeconds === null
      ? `mean return 475 was not reached in ${solvedSteps} steps`
      : `mean return 475 after ${solvedSeconds.toFixed(1)} s and ${solvedSteps} steps`
  return `${Math.round(sps)} steps/s; ${importSeconds.toFixed(1)} s to import, ${compileSeconds.toFixed(1)} s to compile; ${solved}.`
}
