/** Parallel episodes from given initial states: which state each starts from, restarts, and the ranges of values. */

import { ConfigError } from '../config/config'
import { type EnvSpec, obsDim } from '../env/contract'
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

/** Steps with random actions; an episode that ends, or has a non-finite value, is restarted from a drawn state. */
export async function play(
  kernels: EnvKernels,
  subject: Subject,
  resets: Resets,
  first: Uint32Array,
  { seed, numEnvs, numSteps }: Sizes,
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
    played.steps.push(step)
    states = step.after.slice()
    for (let env = 0; env < numEnvs; env++) {
      lengths[env]++
      const finite = checkStep(subject, step, env)
      if (finite) played.finite.push({ step, env })
      const terminated = step.terminated[env] !== 0
      const truncated = !terminated && lengths[env] >= spec.maxEpisodeSteps
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

export const observationNames = (spec: EnvSpec): string[] =>
  spec.observations.map((name, k) => `observation ${k} (${name})`)

/** Smallest and largest finite value of every entry of the state, observation, reward and flag. */
export function rangesOf(subject: Subject, resets: Resets, steps: readonly Step[]): Ranges {
  const { spec, words, stateSize } = subject
  const ranges: Ranges = new Map()
  const take = (name: string, value: number): void => {
    const known = ranges.get(name)
    if (!Number.isFinite(value)) return
    if (!known) ranges.set(name, { min: value, max: value })
    else {
      known.min = Math.min(known.min, value)
      known.max = Math.max(known.max, value)
    }
  }
  const takeAll = (states: Uint32Array, obs: Float32Array): void => {
    for (let at = 0; at < states.length; at += stateSize) {
      for (const word of words) take(`state.${word.name}`, readWord(word, states, at))
    }
    obs.forEach((value, i) => {
      take(names[i % obsDim(spec)], value)
    })
  }
  const names = observationNames(spec)
  takeAll(resets.states, resets.obs)
  for (const { after, obs, rewards, terminated } of steps) {
    takeAll(after, obs)
    for (const flag of terminated) take('terminated', flag)
    for (const reward of rewards) take('reward', reward)
  }
  return ranges
}
