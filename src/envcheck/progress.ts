/** What a check is going to cost, and how far it is, for those who wait. */
import { ConfigError } from '../config/config'
import { type EnvSpec, obsDim } from '../env/contract'
import { compileSeconds, heldEntries, LONG_OBSERVATION } from '../plan/observation'
import type { Sizes } from './play'

const MIB = 2 ** 20
/** The results of all steps are kept; V8 has 4 GiB at most for typed arrays of a page, and other things need room. */
const MOST_BYTES = 2 ** 30
/** Compilation of observe_envs and replay_envs, which a check runs, compared with step_envs: 4.1 and 4.0 s of 12.9. */
const COMPARED = 0.65
/** Steps with small observations and states are checked in a moment. */
const EVERY_MS = 3000

export type OnProgress = (line: string) => void

/** Bytes that a check keeps: of each step the observation, and the state before and after it. */
const bytesOf = (spec: EnvSpec, stateSize: number, { numEnvs, numSteps }: Sizes): number =>
  4 * numEnvs * (numSteps + 16) * (obsDim(spec) + 2 * stateSize + 4)

/**
 * Says what a check of a long observation will take, before anything is compiled.
 * @throws ConfigError if its results do not fit into memory, with what would.
 */
export function tellCost(spec: EnvSpec, stateSize: number, sizes: Sizes, tell: OnProgress): void {
  const bytes = bytesOf(spec, stateSize, sizes)
  const size = `${obsDim(spec)} observations and ${stateSize} numbers of state`
  if (bytes > MOST_BYTES) {
    const steps = Math.floor(MOST_BYTES / bytesOf(spec, stateSize, { ...sizes, numSteps: 1 - 16 })) - 16
    const most = steps >= 1 ? `Use at most ${steps} steps` : 'Use fewer environments'
    throw new ConfigError(
      `checkEnv.steps: ${sizes.numEnvs} environments x ${sizes.numSteps} steps with ${size} need ` +
        `${Math.ceil(bytes / MIB)} MiB; there is room for ${MOST_BYTES / MIB}. ${most}, or fewer environments.`,
    )
  }
  const held = heldEntries(spec)
  if (held < LONG_OBSERVATION) return
  tell(
    `${spec.id}: ${size}; compiling may take about ${Math.ceil(COMPARED * compileSeconds(held))} s on a software adapter, ` +
      `the results of ${sizes.numEnvs} environments x ${sizes.numSteps} steps take ${Math.ceil(bytes / MIB)} MiB`,
  )
}

/** Tells how far a check is, every few seconds. */
export class Progress {
  private told = performance.now()

  constructor(
    private readonly id: string,
    private readonly tell: OnProgress,
  ) {}

  /** What begins now; `line` may not be told if all goes fast. */
  async at(line: string): Promise<void> {
    if (performance.now() - this.told < EVERY_MS) return
    this.told = performance.now()
    this.tell(`${this.id}: ${line}`)
    // A page shows it only now.
    await new Promise((resolve) => setTimeout(resolve))
  }

  /** Tells `line` also while `work`, which may be a compiler's, goes on. */
  async during<T>(line: string, work: Promise<T>): Promise<T> {
    const start = performance.now()
    const timer = setInterval(() => {
      if (performance.now() - this.told < EVERY_MS) return
      this.told = performance.now()
      this.tell(`${this.id}: ${line}, ${Math.round((this.told - start) / 1000)} s`)
    }, 1000)
    try {
      return await work
    } finally {
      clearInterval(timer)
    }
  }
}
