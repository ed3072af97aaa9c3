/** The result of a check, and its text. */
/** Random numbers for one reset or step: the counter of shaders/lib/rng.wgsl has 8 bits for them. */
export const MAX_DRAWS = 256

/** The largest numbers that were seen. */
export interface Draws {
  reset: number
  step: number
}

/** One kind of problem: the first place where it was seen, and how often it was. */
export interface EnvProblem {
  /** `finite`, `flags`, `masks`, `draws`, `determinism`, `twin shape`, `twin reset`, `twin step`. */
  check: string
  /** Where, what is wrong, and what to do. */
  message: string
  /** How often it was seen. */
  count: number
}

export interface EnvReport {
  env: string
  /** Whether nothing is wrong. `notChecked` lists what was not checked. */
  ok: boolean
  problems: EnvProblem[]
  /** What was checked; right unless listed in `problems`. */
  checked: string[]
  /** What was not checked, and why. */
  notChecked: string[]
  /** Not wrong, but unusual. */
  notes: string[]
  seed: number
  numEnvs: number
  steps: number
  /** Episodes that ended during the check. */
  terminated: number
  truncated: number
  /** The most random numbers that one reset and one step of the kernel drew; 256 are possible. */
  draws: Draws
  /** Smallest and largest value of every entry of the observation, and of the reward. */
  ranges: { name: string; min: number; max: number }[]
  /** Largest absolute difference between kernel and twin; null without a twin. */
  maxError: { state: number; observation: number; reward: number } | null
}

/** Stores the first message of each kind of problem, and counts the others. */
export class Findings {
  readonly problems: EnvProblem[] = []
  private readonly known = new Map<string, EnvProblem>()

  /** `key` separates kinds of problems within one check, such as the fields of the state. */
  add(check: string, key: string, message: () => string): void {
    const id = `${check}/${key}`
    const before = this.known.get(id)
    if (before) before.count++
    else {
      const problem = { check, message: message(), count: 1 }
      this.known.set(id, problem)
      this.problems.push(problem)
    }
  }

  has(check: string): boolean {
    return this.problems.some((problem) => problem.check === check)
  }
}

/** Seven significant digits. */
export const digits = (x: number): string => `${Object.is(x, -0) ? '-0' : Number(x.toPrecision(7))}`

/** A report as text, one finding per line. */
export function envReportText(report: EnvReport): string {
  const { env, numEnvs, steps, seed } = report
  const times = (count: number): string => (count > 1 ? ` (${count} times)` : '')
  const error = report.maxError
  return [
    `${env}: ${report.ok ? 'OK' : 'FAILED'}, ${numEnvs} environments x ${steps} steps, seed ${seed}; ` +
      `${report.terminated} episodes terminated, ${report.truncated} truncated`,
    ...report.problems.map(({ check, message, count }) => `  FAILED ${check}: ${message}${times(count)}`),
    ...report.checked.map((text) => `  checked: ${text}`),
    ...(error
      ? [
          `  largest difference to the twin: state ${error.state.toExponential(1)}, observation ` +
            `${error.observation.toExponential(1)}, reward ${error.reward.toExponential(1)}`,
        ]
      : []),
    ...report.notChecked.map((text) => `  not checked: ${text}`),
    `  note: most random numbers drawn: ${report.draws.reset} in a reset, ${report.draws.step} in a step, of ${MAX_DRAWS} each`,
    ...report.notes.map((text) => `  note: ${text}`),
    ...report.ranges.map(({ name, min, max }) => `  ${name}: ${digits(min)} to ${digits(max)}`),
  ].join('\n')
}
