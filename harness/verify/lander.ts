/**
 * Recorded episodes of LunarLander: the twin must reproduce every bit, the kernel only within the adapter's rounding.
 */
import { type LunarLanderState, makeLunarLanderTwin } from '../../envs/lunar_lander/lunar_lander'
import type { Runtime } from '../runtime/runtime'
import type { Check, Side } from './check'
import {
  actionOf,
  type Episode,
  impulsesOf,
  paramsOf,
  recorded,
  recordedSnap,
  resetDraws,
  snapOf,
  stepDraws,
} from './landerfile'
import { groupsOf, type StepResults } from './landergpu'

/** Largest error of a number, over max(1, its size); and the share of steps that may exceed it. */
interface Allowed {
  within: number
  share: number
}

const EXACT: Allowed = { within: 0, share: 0 }
const QUANTITIES = ['states', 'impulses', 'legs', 'obs', 'rewards', 'terminated'] as const
type Quantity = (typeof QUANTITIES)[number]

/**
 * Limits of the kernel. A reward is a difference of potentials of a hundred times the observations; of the impulses of
 * a limit and a motor that act against each other, only the difference is well defined.
 */
const GPU: Record<Quantity, Allowed> = {
  states: { within: 1e-4, share: 0.005 },
  impulses: { within: 1e-3, share: 0.005 },
  legs: { within: 0, share: 0.001 },
  obs: { within: 1e-4, share: 0.005 },
  rewards: { within: 1e-2, share: 0.005 },
  terminated: { within: 0, share: 0.001 },
}
/** Share of episodes that may end at a different step when the kernel plays them alone: a crash amplifies rounding. */
const OTHER_ENDS = 2 / 18
/** Of initial states. */
const RESET: Allowed = { within: 1e-4, share: 0 }

/** The numbers of a step, by quantity. */
type Numbers = Record<Quantity, number[]>

function recordedStep(e: Episode, t: number): Numbers {
  const snap = recordedSnap(e.snap[t])
  return {
    states: snap.b.flat(),
    impulses: impulsesOf(snap),
    legs: snap.gc,
    obs: e.obs[t],
    rewards: [e.rew[t]],
    terminated: [Number(e.term[t])],
  }
}

/** Counts, for one quantity, the steps in which a number exceeds the limit. */
class Tally {
  private steps = 0
  private off = 0
  private most = 0
  private worst = ''

  constructor(
    private readonly name: string,
    private readonly side: Side,
    private readonly allowed: Allowed,
    private readonly unit = 'steps',
  ) {}

  take(where: string, got: ArrayLike<number>, wanted: ArrayLike<number>): void {
    this.steps++
    let largest = got.length === wanted.length ? 0 : Number.POSITIVE_INFINITY
    let at = 0
    for (let i = 0; i < wanted.length; i++) {
      const error = Math.abs(got[i] - wanted[i]) / Math.max(1, Math.abs(wanted[i]))
      if (!(error <= largest)) [largest, at] = [Number.isFinite(error) ? error : Number.POSITIVE_INFINITY, i]
    }
    if (largest > this.allowed.within) this.off++
    if (largest <= this.most) return
    this.most = largest
    const sizes = got.length === wanted.length ? '' : ` (${got.length} numbers, recorded ${wanted.length})`
    this.worst = `${where}, number ${at}: ${this.side} ${got[at]}, recorded ${wanted[at]}${sizes}`
  }

  check(): Check {
    const { name, side, allowed, off, steps, most, unit } = this
    const ok = steps > 0 && off <= allowed.share * steps
    const how = allowed.within === 0 ? 'differ' : `are farther off than ${allowed.within} max(1, |x|)`
    const finite = Number.isFinite(most)
    return {
      name,
      side,
      maxAbsError: finite ? most : null,
      maxRelError: finite ? most : null,
      limit: allowed.within,
      measure: 'abs',
      ok,
      note: `${off} of ${steps} ${unit} ${how}, allowed ${Number((100 * allowed.share).toPrecision(3))} %; largest difference ${most.toPrecision(2)}`,
      ...(ok ? {} : { worst: ` ${this.worst}` }),
    }
  }
}

const nameOf = ({ kind, seed }: Episode, i: number): string => `episodes[${i}] (${kind}, seed ${seed})`

/** Every episode from its initial state on; the draws must be of the recorded kind, range, order and number. */
export function verifyLanderReference(episodes: Episode[]): Check[] {
  const tallies = Object.fromEntries(QUANTITIES.map((name) => [name, new Tally(name, 'reference', EXACT)]))
  const resets = new Tally('resets', 'reference', EXACT, 'episodes')
  const draws = new Tally('draws', 'reference', EXACT, 'resets and steps')
  for (const [i, e] of episodes.entries()) {
    const name = nameOf(e, i)
    const played = playTwin(e, (where, problem) => draws.take(`${name}, ${where}: ${problem}`, [problem ? 1 : 0], [0]))
    const first = played.next().value
    if (!first) continue
    const snap = recordedSnap(e.reset_snap)
    resets.take(
      name,
      [...first.states, ...first.impulses, ...first.legs, ...first.obs],
      [...snap.b.flat(), ...impulsesOf(snap), ...snap.gc, ...e.reset_obs],
    )
    let t = 0
    for (const step of played) {
      const wanted = recordedStep(e, t)
      for (const quantity of QUANTITIES) tallies[quantity].take(`${name}, step ${t}`, step[quantity], wanted[quantity])
      t++
    }
  }
  return [...Object.values(tallies), resets, draws].map((tally) => tally.check())
}

/** The twin along an episode: first its initial state, then each step. It ends early if a draw does not match. */
function* playTwin(e: Episode, tell: (where: string, problem: string) => void): Generator<Numbers> {
  const twin = makeLunarLanderTwin(e.kwargs.continuous === true)
  const params = paramsOf(e)
  const obs = new Float64Array(8)
  const numbers = (state: LunarLanderState, reward: number, terminated: boolean): Numbers => {
    twin.observe(state, obs, 0)
    const snap = snapOf(state)
    const [states, impulses] = [snap.b.flat(), impulsesOf(snap)]
    return { states, impulses, legs: [...snap.gc], obs: [...obs], rewards: [reward], terminated: [Number(terminated)] }
  }
  const drawn = <T>(where: string, given: ReturnType<typeof recorded>, act: () => T): T | undefined => {
    try {
      const result = act()
      tell(where, given.left() > 0 ? `${given.left()} recorded numbers were not drawn` : '')
      return result
    } catch (error) {
      tell(where, (error as Error).message)
      return undefined
    }
  }
  const first = recorded(resetDraws(e))
  const state = drawn('reset', first, () => twin.resetWith(first, params))
  if (!state) return
  yield numbers(state, 0, false)
  for (let t = 0; t < e.len; t++) {
    const given = recorded(stepDraws(e, t))
    const result = drawn(`step ${t}`, given, () => twin.stepWith(state, actionOf(e.actions[t]), given, params))
    if (!result) return
    yield numbers(state, result.reward, result.terminated)
  }
}

/** Single steps from the twin's states, then whole episodes from the kernel's own. */
export async function verifyLanderGpu(episodes: Episode[], runtime: Runtime): Promise<Check[]> {
  const tallies = Object.fromEntries(QUANTITIES.map((name) => [name, new Tally(name, 'gpu', GPU[name])]))
  const resets = new Tally('resets', 'gpu', RESET, 'episodes')
  const ends = new Tally('ends of episodes', 'gpu', { within: 0, share: OTHER_ENDS }, 'episodes')
  const draws = new Tally('draws', 'gpu', EXACT, 'resets and steps')
  const takeDraws = (where: string, count: number, wanted: number) => draws.take(where, [count], [wanted])
  for (const group of groupsOf(episodes, (run) => runtime.call('runKernel', run))) {
    const { members } = group
    const each = members.flatMap(({ e, i }) => Array.from({ length: e.len }, (_, t) => ({ e, t, name: nameOf(e, i) })))
    const got = await group.step(
      group.statesBefore(),
      each.map(({ e, t }) => [actionOf(e.actions[t]), stepDraws(e, t)]),
    )
    for (const [row, { e, t, name }] of each.entries()) {
      const wanted = recordedStep(e, t)
      const where = `${name}, step ${t}`
      takeDraws(where, got.draws[row], 2)
      const numbers = numbersOf(got, row)
      for (const quantity of QUANTITIES) tallies[quantity].take(where, numbers[quantity], wanted[quantity])
    }
    const first = await group.reset()
    for (const [row, { e, i }] of members.entries()) {
      const snap = recordedSnap(e.reset_snap)
      const state = snapOf(group.stateAt(first.states, row))
      takeDraws(`${nameOf(e, i)}, reset`, first.draws[row], resetDraws(e).length)
      resets.take(nameOf(e, i), [...state.b.flat(), ...state.gc], [...snap.b.flat(), ...snap.gc])
    }
    const ended = await group.play(first.states)
    for (const [row, { e, i }] of members.entries()) ends.take(nameOf(e, i), [ended[row]], [e.len])
  }
  return [...Object.values(tallies), resets, ends, draws].map((tally) => tally.check())
}

function numbersOf({ states, obs, rewards, terminated }: StepResults, row: number): Numbers {
  const snap = snapOf(states(row))
  const own = Array.from(obs.subarray(8 * row, 8 * row + 8))
  const [all, impulses] = [snap.b.flat(), impulsesOf(snap)]
  return { states: all, impulses, legs: snap.gc, obs: own, rewards: [rewards[row]], terminated: [terminated[row]] }
}
