/** Checks of an environment's kernel without a twin: finite values, flags, determinism, ranges. */
import { actionDim, type EnvSpec, obsDim, seenBy, seenDim, seenName } from '../env/contract'
import { gridWords } from '../env/grid'
import { distributionFor, distributionOf } from '../model/distributions/table'
import { digits, type Findings } from './report'
import { readWord, type StateWord } from './state'
import type { Resets, Step } from './transitions'

/** What the checks of kernel and twin share. */
export interface Subject {
  spec: EnvSpec
  words: StateWord[]
  stateSize: number
  actionSize: number
  /** `envs/x/x.wgsl:30`, by the name of the function. */
  places: Record<string, string>
  findings: Findings
}

/** So many numbers of a state are in a message. */
const MOST_NUMBERS = 64

/** The state before a step and the action, for a message. */
export function circumstances(subject: Subject, step: Step, env: number): string {
  const { words, stateSize, actionSize } = subject
  const state = words
    .slice(0, MOST_NUMBERS)
    .map((w) => `${w.name} ${digits(readWord(w, step.before, env * stateSize))}`)
  if (words.length > MOST_NUMBERS) state.push(`... (${words.length - MOST_NUMBERS} more)`)
  const action = [...step.actions.subarray(env * actionSize, (env + 1) * actionSize)].map(digits)
  return `from ${state.join(', ')} with action ${action.join(', ')}`
}

/** Initial states and their observations must be finite. */
export function checkResets(subject: Subject, resets: Resets): void {
  const { spec, words, stateSize, places, findings } = subject
  const width = seenDim(spec)
  const n = resets.states.length / stateSize
  for (let i = 0; i < n; i++) {
    for (const word of words) {
      const value = readWord(word, resets.states, i * stateSize)
      if (Number.isFinite(value)) continue
      const tell = () => `first state ${i}: state.${word.name} is ${value}. See env_reset (${places.env_reset}).`
      findings.add('finite', `reset.${word.name}`, tell, 'first states')
    }
    for (let k = 0; k < width; k++) {
      const value = resets.obs[i * width + k]
      if (Number.isFinite(value)) continue
      const observes = seenBy(spec, k)
      const tell = () => `first state ${i}: ${seenName(spec, k)} is ${value}. See ${observes} (${places[observes]}).`
      findings.add('finite', `reset.obs[${k}]`, tell, 'first observations')
    }
    checkUnused(subject, resets.words, i, () => `first state ${i}`)
  }
}

/** Bits of the last word after the last entry of a packed observation, that of row `i` of `words`, must be 0. */
function checkUnused(
  { spec, places, findings }: Subject,
  words: Uint32Array | null,
  i: number,
  where: () => string,
): void {
  if (!words) return
  const { frameWords, perWord, entryBits } = gridWords(spec)
  const last = words[(i + 1) * frameWords - 1]
  const used = (obsDim(spec) - (frameWords - 1) * perWord) * entryBits
  const unused = used === 32 ? 0 : last >>> used
  if (unused === 0) return
  findings.add('unused bits', 'observation', () => {
    return (
      `${where()}: word ${frameWords - 1} of the observation is 0x${last.toString(16)}, but only its lowest ${used} bits are ` +
      `entries. Leave the others 0 in env_observe_word (${places.env_observe_word}).`
    )
  })
}

/** The results of a step of environment `env` must be finite, and its flag 0 or 1. False if a value is not finite. */
export function checkStep(subject: Subject, step: Step, env: number): boolean {
  const { spec, words, stateSize, places, findings } = subject
  const where = `step ${step.step}, env ${env}`
  let finite = true
  const notFinite = (what: string, value: number, place: string, group: string): void => {
    finite = false
    const tell = () =>
      `${where}: ${what} is ${value}, ${circumstances(subject, step, env)}. Look for a division by 0, a root or ` +
      `logarithm of a negative number, or growth without bound in ${place}.`
    findings.add('finite', what, tell, group)
  }
  for (const word of words) {
    const value = readWord(word, step.after, env * stateSize)
    if (!Number.isFinite(value)) notFinite(`state.${word.name}`, value, `env_step (${places.env_step})`, 'state')
  }
  const reward = step.rewards[env]
  if (!Number.isFinite(reward)) notFinite('reward', reward, `env_step (${places.env_step})`, 'reward')
  const width = seenDim(spec)
  for (let k = 0; k < width; k++) {
    const value = step.obs[env * width + k]
    if (Number.isFinite(value)) continue
    const observes = seenBy(spec, k)
    notFinite(seenName(spec, k), value, `${observes} (${places[observes]})`, 'observation')
  }
  checkUnused(subject, step.words, env, () => `${where}, ${circumstances(subject, step, env)}`)
  checkChoices(subject, step, env)
  const flag = step.terminated[env]
  if (flag !== 0 && flag !== 1 && flag !== 2) {
    findings.add('flags', 'terminated', () => {
      return (
        `${where}: terminated is ${digits(flag)}, not 0 or 1, nor 2 for a lost life, ${circumstances(subject, step, env)}. Write ` +
        `select(0u, 1u, condition) as the second member of StepResult in env_step (${places.env_step}).`
      )
    })
  }
  return finite
}

/** The mask of the state before a step must allow a choice in every part of the action. */
function checkChoices(subject: Subject, step: Step, env: number): void {
  const { spec, places, findings } = subject
  if (!step.masks) return
  let first = env * actionDim(spec)
  for (const [part, n] of distributionOf(distributionFor(spec.actionSpace)).parts.entries()) {
    const some = step.masks.subarray(first, (first += n)).some((entry) => entry !== 0)
    if (some) continue
    findings.add('masks', `part ${part}`, () => {
      return (
        `step ${step.step}, env ${env}: the mask allows no choice of part ${part}, ${circumstances(subject, step, env)}. ` +
        `Allow at least one in every state; see env_mask (${places.env_mask}).`
      )
    })
  }
}

/** Two runs from the same seed must be bit-identical, except for padding of the state. */
export function checkSame(subject: Subject, first: readonly Step[], again: readonly Step[]): void {
  const { words, stateSize, places, findings } = subject
  const differ = (step: Step, what: string, index: number): void =>
    findings.add('determinism', what, () => {
      return (
        `step ${step.step}, env ${index}: ${what} differs between two runs with the same seed. A step may depend on ` +
        `state, action and rng alone; see ${places.env_step}.`
      )
    })
  first.forEach((step, t) => {
    const other = again[t]
    const n = step.rewards.length
    for (let env = 0; env < n; env++) {
      const changed = words.find(({ offset }) => {
        return step.after[env * stateSize + offset] !== other.after[env * stateSize + offset]
      })
      if (changed) differ(step, `state.${changed.name}`, env)
    }
    const results = { reward: 'rewards', terminated: 'terminated', observation: 'obs' } as const
    for (const [what, name] of Object.entries(results)) {
      const others = bits(other[name])
      const at = bits(step[name]).findIndex((x, i) => x !== others[i])
      if (at >= 0) differ(step, what, Math.floor(at / (step[name].length / n)))
    }
  })
}

/** The same for initial states. */
export function checkSameResets(subject: Subject, first: Resets, again: Resets): void {
  const { words, stateSize, places, findings } = subject
  for (let at = 0; at < first.states.length; at += stateSize) {
    const changed = words.find(({ offset }) => first.states[at + offset] !== again.states[at + offset])
    if (!changed) continue
    findings.add('determinism', 'reset', () => {
      return (
        `first state ${at / stateSize}: state.${changed.name} differs between two resets with the same seed. A reset may ` +
        `depend on rng alone; see ${places.env_reset}.`
      )
    })
  }
}

const bits = (data: Float32Array): Uint32Array => new Uint32Array(data.buffer, data.byteOffset, data.length)
