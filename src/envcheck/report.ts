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
  /**
   * `finite`, `unused bits`, `flags`, `masks`, `draws`, `determinism`, `index`, `twin throws`, `twin finite`, `twin shape`, `twin reset`,
   * `twin step`.
   */
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

/** So many problems of one group are told one by one; the others are counted in one more. */
const MOST_OF_GROUP = 8

/** Stores the first message of each kind of problem, and counts the others. */
export class Findings {
  readonly problems: EnvProblem[] = []
  private readonly known = new Map<string, EnvProblem>()
  private readonly groups = new Map<string, { told: number; rest?: { problem: EnvProblem; names: Set<string> } }>()

  /**
   * `key` separates kinds of problems within one check, such as the fields of the state.
   * @param group Such as all entries of the observation, which may be thousands.
   */
  add(check: string, key: string, message: () => string, group?: string): void {
    const id = `${check}/${key}`
    const before = this.known.get(id)
    if (before) before.count++
    else if (group === undefined) this.tell(id, { check, message: message(), count: 1 })
    else this.addToGroup(`${check}/${group}`, id, key, { check, message: '', count: 1 }, message)
  }

  has(check: string): boolean {
    return this.problems.some((problem) => problem.check === check)
  }

  /** Whether the twin itself is wrong, so that it says nothing about the kernel. */
  get twinFails(): boolean {
    return this.has('twin shape') || this.has('twin throws') || this.has('twin finite')
  }

  private tell(id: string, problem: EnvProblem): void {
    this.known.set(id, problem)
    this.problems.push(problem)
  }

  private addToGroup(name: string, id: string, key: string, problem: EnvProblem, message: () => string): void {
    const group = this.groups.get(name) ?? { told: 0 }
    this.groups.set(name, group)
    if (group.told < MOST_OF_GROUP) {
      group.told++
      this.tell(id, { ...problem, message: message() })
      return
    }
    if (!group.rest) {
      group.rest = { problem, names: new Set() }
      this.problems.push(problem)
    } else problem = group.rest.problem
    const { names } = group.rest
    problem.count += names.size > 0 ? 1 : 0
    names.add(key)
    const [first] = names
    problem.message = `the same of ${names.size} more: ${first}${names.size > 1 ? ` to ${key}` : ''}.`
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
    ...rangeLines(report.ranges),
  ].join('\n')
}

/** So many ranges are told one by one. */
const MOST_RANGES = 64

function rangeLines(ranges: EnvReport['ranges']): string[] {
  const line = ({ name, min, max }: EnvReport['ranges'][number]): string =>
    `  ${name}: ${digits(min)} to ${digits(max)}`
  if (ranges.length <= MOST_RANGES) return ranges.map(line)
  const [first, rest] = [ranges.slice(0, MOST_OF_GROUP), ranges.slice(MOST_OF_GROUP)]
  const all = rest.reduce((a, b) => ({ name: '', min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }))
  return [...first.map(line), line({ ...all, name: `${rest.length} more, all together` })]
}
