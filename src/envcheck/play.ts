/** Parallel episodes from given initial states: which state each starts from, restarts, and the ranges of values. */

import { ConfigError } from '../config/config'
import { type EnvSpec, seenDim, seenName, stepLimit } from '../env/contract'
import { checkStep, type Subject } from './kernel'
import { numberOf, readWord, writeWord } from './state'
import { type EnvKernels, type Resets, randomActions, type Step } from './transitions'

export interface Sizes {
  seed: number
  numEnvs: number
  numSteps: number
}

export interface Played {
  steps: Step[]
  /** Every transition without a non-finite value. */
  finite: { step: Step; env: number }[]
  terminated: number
  truncated: number
}

/** The first numEnvs initial states: those of `from`, then those of the first reset. @throws ConfigError */
export function startStates(subject: Subject, resets: Resets, numEnvs: number, from: readonly object[]): Uint32Array {
  const { words, stateSize } = subject
  if (from.length > numEnvs) {
    throw new ConfigError(
      `checkEnv.from: ${from.length} states for ${numEnvs} environments. Use numEnvs ${from.length}.`,
    )
  }
  const states = resets.states.slice(0, numEnvs * stateSize)
  from.forEach((state, env) => {
    for (const word of words) {
      const value = numberOf(state, word)
      if (value === undefined) {
        const fields = words.map(({ name }) => name).join(', ')
        throw new ConfigError(`checkEnv.from[${env}]: ${word.name} is not a number. Give all of EnvState: ${fields}.`)
      }
      writeWord(word, states, env * stateSize, value)
    }
  })
  return states
}

/**
 * Steps with random actions; an episode that ends, or has a non-finite value, is restarted from a drawn state.
 * @param each Gets every step; if it returns false the step is not kept.
 */
export async function play(
  kernels: EnvKernels,
  subject: Subject,
  resets: Resets,
  first: Uint32Array,
  { seed, numEnvs, numSteps }: Sizes,
  each: (step: Step) => Promise<boolean>,
): Promise<Played> {
  const { spec, stateSize } = subject
  const played: Played = { steps: [], finite: [], terminated: 0, truncated: 0 }
  const numResets = resets.states.length / (numEnvs * stateSize)
  const lengths = new Array<number>(numEnvs).fill(0)
  const ends = new Array<number>(numEnvs).fill(0)
  let states = first
  for (let t = 0; t < numSteps; t++) {
    const masks = await kernels.masks(states, (seed + t) >>> 0)
    const step = await kernels.step(t, seed, states, randomActions(spec, seed, t, numEnvs, masks), masks)
    const kept = await each(step)
    if (kept) played.steps.push(step)
    states = step.after.slice()
    for (let env = 0; env < numEnvs; env++) {
      lengths[env]++
      const finite = checkStep(subject, step, env)
      if (finite && kept) played.finite.push({ step, env })
      const terminated = step.terminated[env] === 1
      const truncated = !terminated && lengths[env] >= stepLimit(spec)
      played.terminated += Number(terminated)
      played.truncated += Number(truncated)
      if (finite && !terminated && !truncated) continue
      // Environment `env` restarts from its own resets 1, 2, ..., and from the first of them again after the last.
      const reset = ++ends[env] % numResets
      const at = (reset * numEnvs + env) * stateSize
      states.set(resets.states.subarray(at, at + stateSize), env * stateSize)
      lengths[env] = 0
    }
  }
  return played
}

export type Ranges = Map<string, { min: number; max: number }>

/** Of all that the critic sees. */
export const observationNames = (spec: EnvSpec): string[] =>
  Array.from({ length: seenDim(spec) }, (_, k) => seenName(spec, k))

/** Smallest and largest finite value of every entry of the state, observation, reward and flag. */
export function rangesOf(subject: Subject, resets: Resets, steps: readonly Step[]): Ranges {
  const { spec, words, stateSize } = subject
  const width = seenDim(spec)
  const state = words.map(() => new Range())
  const observation = Array.from({ length: width }, () => new Range())
  const [terminated, reward] = [new Range(), new Range()]
  const takeAll = (states: Uint32Array, obs: Float32Array): void => {
    for (let at = 0; at < states.length; at += stateSize) {
      for (const [i, word] of words.entries()) state[i].take(readWord(word, states, at))
    }
    for (let at = 0; at < obs.length; at += width) {
      for (let k = 0; k < width; k++) observation[k].take(obs[at + k])
    }
  }
  takeAll(resets.states, resets.obs)
  for (const step of steps) {
    takeAll(step.after, step.obs)
    for (const flag of step.terminated) terminated.take(flag)
    for (const value of step.rewards) reward.take(value)
  }
  const named: [string, Range][] = [
    ...words.map(({ name }, i): [string, Range] => [`state.${name}`, state[i]]),
    ...observationNames(spec).map((name, k): [string, Range] => [name, observation[k]]),
    ['terminated', terminated],
    ['reward', reward],
  ]
  return new Map(named.filter(([, { min, max }]) => min <= max))
}

class Range {
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY

  take(value: number): void {
    if (!Number.isFinite(value)) return
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }
}
