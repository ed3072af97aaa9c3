/** The results of a reset or a step on both sides, kernel and twin, and when they agree. */
import { obsDim, stateDifference } from '../env/contract'
import type { Subject } from './kernel'
import { observationNames } from './play'
import { digits } from './report'
import { numberOf, readWord, type StateObject } from './state'
import type { Step } from './transitions'

/** The twin's result of a step. */
export interface Outcome {
  state: StateObject
  obs: Float64Array
  reward: number
  /** 0, 1, or 2 for a lost life, as in WGSL. */
  terminated: number
  draws: number
}

type Group = 'state' | 'observation' | 'privileged' | 'reward' | 'terminated' | 'draws'

/** One number on both sides. */
export interface Quantity {
  name: string
  group: Group
  kernel: number
  twin: number
  limit: number
  /** Of many that differ this one differs most, as a multiple of its limit: how many do, of how many. */
  among?: { wrong: number; all: number }
}

/** What two results differ in, and the largest differences of those that agree. */
export interface Comparison {
  wrong: Quantity[]
  maxError: { state: number; observation: number; reward: number }
}

/** So many numbers of a group may differ in one step before one stands for all of them. */
export const MOST_SINGLE = 8

export const tell = ({ name, group, kernel, twin, limit, among }: Quantity): string => {
  const numbers = `${name}: kernel ${digits(kernel)}, twin ${digits(twin)}, limit ${digits(limit)}`
  if (!among) return numbers
  const what = group === 'state' ? 'numbers of the state' : 'entries of the observation'
  return `${among.wrong} of ${among.all} ${what} differ, the most ${numbers}`
}

/**
 * Compares the numbers of both sides. Integers and flags must be equal, all others within the tolerance times their
 * scale. A NaN on either side never agrees.
 */
export class Compare {
  private readonly names: string[]
  /** Of each entry of the observation. */
  private readonly limits: Float64Array

  /** @param scales Largest value of every quantity, by name: limits are relative to it, if it is above 1. */
  constructor(
    private readonly subject: Subject,
    private readonly tolerance: number,
    private readonly scales: ReadonlyMap<string, number>,
  ) {
    this.names = observationNames(subject.spec)
    this.limits = Float64Array.from(this.names, (name) => this.limitOf(name))
  }

  /** @param factor The limits are so many times as large. */
  step(step: Step, env: number, outcome: Outcome, factor = 1): Comparison {
    const found = this.reset(step.after, env, outcome.state, step.obs, outcome.obs, factor)
    const single = (
      group: 'terminated' | 'draws' | 'reward',
      kernel: number,
      twin: number,
      limit: number,
    ): Quantity[] => {
      if (group === 'reward' && Math.abs(kernel - twin) <= factor * limit)
        found.maxError.reward = Math.abs(kernel - twin)
      return Math.abs(kernel - twin) <= factor * limit ? [] : [{ name: group, group, kernel, twin, limit }]
    }
    const first = [
      ...single('terminated', step.terminated[env], outcome.terminated, 0),
      ...single('draws', step.draws[env], outcome.draws, 0),
      ...single('reward', step.rewards[env], outcome.reward, this.limitOf('reward')),
    ]
    return { ...found, wrong: [...first, ...found.wrong] }
  }

  /** States and observations of index `i` on both sides. */
  reset(states: Uint32Array, i: number, state: StateObject, allObs: Float32Array, obs: Float64Array, factor = 1) {
    const maxError = { state: 0, observation: 0, reward: 0 }
    const { spec, words, stateSize } = this.subject
    const inState: Quantity[] = []
    for (const word of words) {
      const name = `state.${word.name}`
      const kernel = readWord(word, states, i * stateSize)
      const twin = numberOf(state, word) ?? Number.NaN
      const limit = word.kind === 'f32' ? this.limitOf(name) : 0
      const difference = Math.abs(stateDifference(spec, `${word.path[0]}`, kernel, twin))
      if (difference <= factor * limit) maxError.state = Math.max(maxError.state, difference)
      else inState.push({ name, group: 'state', kernel, twin, limit })
    }
    const { names, limits } = this
    const first = i * names.length
    const inObs: Quantity[] = []
    for (let k = 0; k < names.length; k++) {
      const difference = Math.abs(allObs[first + k] - obs[k])
      if (difference <= factor * limits[k]) maxError.observation = Math.max(maxError.observation, difference)
      else {
        const [name, kernel, twin, limit] = [names[k], allObs[first + k], obs[k], limits[k]]
        inObs.push({ name, group: k < obsDim(spec) ? 'observation' : 'privileged', kernel, twin, limit })
      }
    }
    return { wrong: [...summary(inState, words.length), ...summary(inObs, names.length)], maxError }
  }

  private limitOf(name: string): number {
    return this.tolerance * Math.max(1, this.scales.get(name) ?? 1)
  }
}

/** All of a few; of many the one that differs most. */
function summary(wrong: Quantity[], all: number): Quantity[] {
  if (wrong.length <= MOST_SINGLE) return wrong
  const share = ({ kernel, twin, limit }: Quantity): number => {
    const excess = Math.abs(kernel - twin) / limit
    return Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess
  }
  const most = wrong.reduce((a, b) => (share(b) > share(a) ? b : a))
  return [{ ...most, among: { wrong: wrong.length, all } }]
}
