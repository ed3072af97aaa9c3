/** Recorded steps of MinAtar: twin and kernel must reproduce every number. */
import { makeTwin, type Remembers } from '../../envs/minatar/game'
import type { Runtime } from '../runtime/runtime'
import type { Check, Side } from './check'
import { cellsOf, type MinAtarGolden, replayed, stateFrom } from './minatarfile'
import { resetsOnGpu, stepsOnGpu } from './minatargpu'
import { STATES } from './minatarstates'

/** What a step gave. */
export interface Result {
  state: Remembers
  /** Observations before and after it, as cells of each channel. */
  seen: number[][]
  obs: number[][]
  reward: number
  terminated: number
  draws: number
}

export type ResetResult = Pick<Result, 'state' | 'obs' | 'draws'>

const QUANTITIES = ['states', 'actions', 'rewards', 'terminated', 'observations', 'draws', 'resets'] as const
type Quantity = (typeof QUANTITIES)[number]

/** Counts what differs of one quantity. */
class Exact {
  private all = 0
  private off = 0
  private first = ''

  constructor(
    private readonly name: string,
    private readonly side: Side,
  ) {}

  take(where: string, got: unknown, recorded: unknown): void {
    this.all++
    const [mine, theirs] = [JSON.stringify(got), JSON.stringify(recorded)]
    if (mine === theirs) return
    this.off++
    this.first ||= ` ${where}: ${this.side} ${mine}, recorded ${theirs}`
  }

  check(): Check {
    const { name, side, all, off, first } = this
    const ok = all > 0 && off === 0
    const note = `${off} of ${all} ${name === 'resets' ? 'resets' : 'steps'} differ, allowed none`
    return {
      ...{ name, side, maxAbsError: off === 0 ? 0 : null, maxRelError: off === 0 ? 0 : null },
      ...{ limit: 0, measure: 'abs' as const, ok, note },
      ...(ok ? {} : { worst: first || ' nothing was compared' }),
    }
  }
}

/** What of a recorded state differs, field by field. */
function differences(game: string, state: Remembers, recorded: Record<string, unknown>): [object, object] {
  const own = STATES[game].toRecorded(state as never)
  const fields = Object.keys(own).filter((field) => JSON.stringify(own[field]) !== JSON.stringify(recorded[field]))
  const pick = (from: Record<string, unknown>) => Object.fromEntries(fields.map((field) => [field, from[field]]))
  return [pick(own), pick(recorded)]
}

function compare(golden: MinAtarGolden, side: Side, results: (Result | string)[], resets: (ResetResult | string)[]) {
  const { game, steps } = golden
  const tallies = Object.fromEntries(QUANTITIES.map((name) => [name, new Exact(name, side)])) as Record<Quantity, Exact>
  for (const [i, step] of steps.entries()) {
    const got = results[i]
    const { where } = step
    if (typeof got === 'string') {
      tallies.draws.take(where, got, 'as drawn')
      continue
    }
    const [state, after] = differences(game.name, got.state, step.after)
    tallies.states.take(where, state, after)
    tallies.actions.take(where, got.state.last_action, step.executed)
    tallies.rewards.take(where, got.reward, step.reward)
    tallies.terminated.take(where, got.terminated, step.terminated)
    tallies.observations.take(where, got.obs, step.obs)
    if (step.seen) tallies.observations.take(`${where}, before`, got.seen, step.seen)
    tallies.draws.take(where, got.draws, step.draws.length)
  }
  for (const [i, reset] of golden.resets.entries()) {
    const [got, where] = [resets[i], `resets[${i}]`]
    if (typeof got === 'string') {
      tallies.resets.take(where, got, 'as drawn')
      continue
    }
    const [own, theirs] = differences(game.name, got.state, reset.state)
    tallies.resets.take(
      where,
      [own, got.state.last_action, got.obs, got.draws],
      [theirs, LAST_BEFORE_RESET, reset.obs, reset.draws.length],
    )
  }
  return Object.values(tallies).map((tally) => tally.check())
}

/** The action before each reset, which has to outlive it. */
export const LAST_BEFORE_RESET = 4

/** The twin's steps and resets; a text where it draws something else. */
export function twinResults({ game, spec, params, steps, resets }: MinAtarGolden) {
  const twin = makeTwin(game, [0, 1, 2, 3, 4, 5])
  const entries = new Float64Array(spec.observation!.shape.reduce((a, b) => a * b, 1))
  const seen = (state: Remembers): number[][] => {
    twin.observe(state, entries, 0)
    return cellsOf(game, entries)
  }
  const drawing = <T>(draws: ReturnType<typeof replayed>, act: () => T): T | string => {
    try {
      return act()
    } catch (error) {
      return `${(error as Error).message}, after ${draws.units.length}`
    }
  }
  return {
    steps: steps.map((step) => {
      const draws = replayed(step.draws)
      const state = stateFrom(game, step.before, step.last)
      const before = seen(state)
      return drawing(draws, () => {
        const { reward, terminated } = twin.stepWith(state, step.action, draws, params)
        const after = { obs: seen(state), reward, terminated: Number(terminated), draws: draws.units.length }
        return { state, seen: before, ...after, units: draws.units }
      })
    }),
    resets: resets.map((reset) => {
      const draws = replayed(reset.draws)
      return drawing(draws, () => {
        const state = twin.resetWith(draws, { last_action: LAST_BEFORE_RESET })
        return { state, obs: seen(state), draws: draws.units.length, units: draws.units }
      })
    }),
  }
}

export function verifyMinAtarReference(golden: MinAtarGolden): Check[] {
  const { steps, resets } = twinResults(golden)
  return compare(golden, 'reference', steps, resets)
}

export async function verifyMinAtarGpu(golden: MinAtarGolden, runtime: Runtime): Promise<Check[]> {
  const twin = twinResults(golden)
  const run = (request: Parameters<Parameters<typeof stepsOnGpu>[0]>[0]) => runtime.call('runKernel', request)
  const units = (results: ({ units: number[] } | string)[]) =>
    results.map((r) => (typeof r === 'string' ? [] : r.units))
  const steps = await stepsOnGpu(run, golden, units(twin.steps))
  const resets = await resetsOnGpu(run, golden, units(twin.resets), LAST_BEFORE_RESET)
  return compare(golden, 'gpu', steps, resets)
}
