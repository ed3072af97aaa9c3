/** The results of a reset or a step on both sides, kernel and twin, and when they agree. */
import { obsDim, stateDifference } from '../env/contract'
import type { Subject } from './kernel'
import { digits } from './report'
import { numberOf, readWord, type StateObject } from './state'
import type { Step } from './transitions'

/** The twin's result of a step. */
export interface Outcome {
  state: StateObject
  obs: Float64Array
  reward: number
  terminated: boolean
  draws: number
}

/** One number on both sides. */
export interface Quantity {
  name: string
  group: 'state' | 'observation' | 'reward' | 'terminated' | 'draws'
  kernel: number
  twin: number
  /** `kernel - twin`; for angles modulo 2 pi. */
  difference: number
  limit: number
}

/** A NaN on either side never agrees. */
export const agrees = ({ difference, limit }: Quantity, factor = 1): boolean => Math.abs(difference) <= factor * limit

export const tell = (q: Quantity): string =>
  `${q.name}: kernel ${digits(q.kernel)}, twin ${digits(q.twin)}, limit ${digits(q.limit)}`

/**
 * Pairs the numbers of both sides. Integers and flags must be equal, all others within the tolerance times their scale.
 */
export class Compare {
  /** @param scales Largest value of every quantity, by name: limits are relative to it, if it is above 1. */
  constructor(
    private readonly subject: Subject,
    private readonly tolerance: number,
    private readonly scales: ReadonlyMap<string, number>,
  ) {}

  step(step: Step, env: number, outcome: Outcome): Quantity[] {
    const width = obsDim(this.subject.spec)
    return [
      this.pair('terminated', 'terminated', step.terminated[env], Number(outcome.terminated), 0),
      this.pair('draws', 'draws', step.draws[env], outcome.draws, 0),
      this.pair('reward', 'reward', step.rewards[env], outcome.reward),
      ...this.states(step.after, env, outcome.state),
      ...this.observations(step.obs.subarray(env * width, (env + 1) * width), outcome.obs),
    ]
  }

  states(data: Uint32Array, index: number, state: StateObject): Quantity[] {
    const { spec, words, stateSize } = this.subject
    return words.map((word) => {
      const kernel = readWord(word, data, index * stateSize)
      const twin = numberOf(state, word) ?? Number.NaN
      const quantity = this.pair(`state.${word.name}`, 'state', kernel, twin, word.kind === 'f32' ? undefined : 0)
      return { ...quantity, difference: stateDifference(spec, `${word.path[0]}`, kernel, twin) }
    })
  }

  observations(kernel: Float32Array, twin: Float64Array): Quantity[] {
    return this.subject.spec.observations.map((name, k) => {
      return this.pair(`observation ${k} (${name})`, 'observation', kernel[k], twin[k])
    })
  }

  private pair(name: string, group: Quantity['group'], kernel: number, twin: number, limit?: number): Quantity {
    const scale = Math.max(1, this.scales.get(name) ?? 1)
    return { name, group, kernel, twin, difference: kernel - twin, limit: limit ?? this.tolerance * scale }
  }
}
