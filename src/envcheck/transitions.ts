/** Episodes of an environment on the GPU under random actions, one step at a time, with all results stored. */

import { resolveConfig } from '../config/config'
import { actionCount, actionDim, type EnvSpec, hasMask, isPacked, obsDim, seenDim } from '../env/contract'
import { entryOf, gridWords } from '../env/grid'
import { hasParams, wholeRange } from '../env/params'
import { makeRng, STREAM, uniform } from '../env/rng'
import { link, type Slot } from '../gpu/link'
import type { RunKernel } from '../gpu/once'
import { reflectStruct, writeStruct, zerosOf } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { distributionFor, distributionOf } from '../model/distributions/table'
import { networkShape } from '../model/network'
import { envSlots, policySlots } from '../plan/kernels'
import { paramRecords } from '../plan/params'
import { readMask, recordLayout } from '../plan/transition'

/** Initial states and their observations. Environment `env` of reset `k` draws with seed + k at step 0. */
export interface Resets {
  /** [numResets][numEnvs][words of EnvState] */
  states: Uint32Array
  /** [numResets][numEnvs][seenDim] */
  obs: Float32Array
  /** The same as words, [numResets][numEnvs][words of a frame]; null where observations are not packed. */
  words: Uint32Array | null
  /** [numResets][numEnvs]: random numbers that each reset drew. */
  draws: Uint32Array
}

/** One step of all environments. Environment `env` draws with seed + step, at step 0 of its stream. */
export interface Step {
  step: number
  /** [numEnvs][words of EnvState], before and after */
  before: Uint32Array
  after: Uint32Array
  /** [numEnvs][numbers of an action] */
  actions: Float32Array
  /** Which choices the state before the step allows, [numEnvs][actionDim]; null if the environment has no mask. */
  masks: Uint8Array | null
  /** [numEnvs] */
  rewards: Float32Array
  /** [numEnvs], as env_step wrote it */
  terminated: Float32Array
  /** [numEnvs][seenDim], of the state after the step; and the words of packed observations. */
  obs: Float32Array
  words: Uint32Array | null
  /** [numEnvs]: random numbers that the step drew */
  draws: Uint32Array
}

/** The kernels of one environment, on any `run` that can run kernels. */
export class EnvKernels {
  /** 4-byte words of EnvState, and the linked source that declares it. */
  readonly stateSize: number
  readonly code: string
  readonly actionSize: number
  readonly slots: ReturnType<typeof envSlots>
  private readonly record: ReturnType<typeof recordLayout>

  constructor(
    readonly spec: EnvSpec,
    private readonly run: RunKernel,
  ) {
    const shape = networkShape(spec, resolveConfig({}, {}))
    this.record = recordLayout(shape)
    this.slots = { ...policySlots(shape), ...envSlots(spec) }
    this.code = link('shaders/reset_envs.wgsl', SHADERS, this.slots).code
    this.stateSize = reflectStruct(this.code, 'EnvState').size / 4
    this.actionSize = actionCount(spec)
  }

  /** Floats of one record. */
  get recordFloats(): number {
    return this.record.stride
  }

  /**
   * Runs the checked form `stem` (src/envcheck/indices.ts) on first states, or on `steps`; returns `outside`, two words for
   * each.
   */
  async runChecked(
    stem: string,
    slots: Record<string, Slot>,
    args: { count: number; numEnvs: number; seed: number; isStep: number },
    steps: readonly Step[] | null,
    rows: number,
  ): Promise<Uint32Array> {
    const { actionSize, stateSize } = this
    const n = args.count
    const transitions = new Float32Array(steps ? n * this.recordFloats : 1)
    const states = new Uint32Array(steps ? n * stateSize : stateSize)
    for (const [t, { before, actions }] of (steps ?? []).entries()) {
      states.set(before, t * before.length)
      for (let i = 0; i < actions.length; i++) {
        const row = t * args.numEnvs + Math.floor(i / actionSize)
        transitions[row * this.recordFloats + this.record.action + (i % actionSize)] = actions[i]
      }
    }
    const buffers = { transitions, env_states: states, ...this.hyper(1), outside: new Uint32Array(2 * n * rows) }
    const workgroups: [number, number, number] = [Math.ceil(n / 64), rows, 1]
    const { outside } = await this.run({ stem, slots, args, buffers, outputs: ['outside'], workgroups })
    return outside as Uint32Array
  }

  /** Parameters of the environment, if any, drawn from their whole range. */
  private hyper(numAgents: number): { hyper?: Uint32Array } {
    const { spec, code } = this
    return hasParams(spec) ? { hyper: paramRecords(code, spec, wholeRange(spec), numAgents) } : {}
  }

  /** Agents at the start of training; agent k has seed + k. */
  private progress(seed: number, numAgents: number): Uint32Array {
    const layout = reflectStruct(this.code, 'Progress')
    const progress = new Uint32Array((numAgents * layout.size) / 4)
    for (let k = 0; k < numAgents; k++) {
      const values = { ...zerosOf(layout), seed: (seed + k) >>> 0 }
      writeStruct(layout, values, new DataView(progress.buffer), k * layout.size)
    }
    return progress
  }

  async reset(seed: number, numResets: number, numEnvs: number): Promise<Resets> {
    const { code, slots } = this
    const n = numResets * numEnvs
    const episodes = new Uint32Array((n * reflectStruct(code, 'Episode').size) / 4)
    const { env_states } = await this.run({
      stem: 'reset_envs',
      slots,
      args: { numEnvs, staggerOver: 0 },
      buffers: {
        progress: this.progress(seed, numResets),
        ...this.hyper(numResets),
        env_states: new Uint32Array(n * this.stateSize),
        episodes,
      },
      outputs: ['env_states'],
      workgroups: [Math.ceil(numEnvs / 64), numResets, 1],
    })
    const words = isPacked(this.spec) ? await this.observeWords(env_states as Uint32Array) : null
    const obs = words
      ? entriesOf(this.spec, words)
      : await this.observations(env_states as Uint32Array, seed, numResets)
    const { draws } = await this.resetAfter(seed, numResets, new Uint32Array(n * this.stateSize))
    return { states: env_states as Uint32Array, obs, words, draws }
  }

  /** Of the first states of `numResets` agents, [numResets][numEnvs][seenDim]. */
  private async observations(states: Uint32Array, seed: number, numResets: number): Promise<Float32Array> {
    const { record } = this
    const width = seenDim(this.spec)
    const numEnvs = states.length / this.stateSize / numResets
    const transitions = await this.observe(states, seed, numResets)
    return Float32Array.from({ length: numResets * numEnvs * width }, (_, i) => {
      const [row, entry] = [Math.floor(i / width), i % width]
      // The observation of each step of an agent is followed by the next one.
      const at = 2 * numEnvs * Math.floor(row / numEnvs) + (row % numEnvs)
      return transitions[at * record.stride + record.obs + entry]
    })
  }

  /** First states that follow on `last`, [numResets][numEnvs], the last states of episodes; and how much each drew. */
  async resetAfter(seed: number, numResets: number, last: Uint32Array): Promise<Omit<Resets, 'obs' | 'words'>> {
    const n = last.length / this.stateSize
    const numEnvs = n / numResets
    const { env_states, draws } = await this.run({
      stem: 'reset_draws',
      slots: this.slots,
      args: { numEnvs, seed },
      buffers: { ...this.hyper(1), env_states: last, draws: new Uint32Array(n) },
      outputs: ['env_states', 'draws'],
      workgroups: [Math.ceil(numEnvs / 64), numResets, 1],
    })
    return { states: env_states as Uint32Array, draws: draws as Uint32Array }
  }

  /** Records with the observations and masks of `states`, [agent][env]; agent k draws its parameters with seed + k. */
  private async observe(states: Uint32Array, seed: number, numAgents = 1): Promise<Float32Array> {
    const { code, slots, spec } = this
    const numEnvs = states.length / this.stateSize / numAgents
    // An agent's records of a step are followed by those of the next step.
    const records = new Float32Array(2 * numAgents * numEnvs * this.record.stride).fill(Number.NaN)
    const episodes = new Uint32Array((numAgents * numEnvs * reflectStruct(code, 'Episode').size) / 4)
    const { transitions } = await this.run({
      stem: 'observe_envs',
      slots,
      args: { numEnvs, numSteps: 1, stopStride: 2, isFirst: 0 },
      buffers: {
        stop: new Uint32Array(2 * numAgents + 2),
        ...(hasParams(spec) ? { progress: this.progress(seed, numAgents), episodes, ...this.hyper(numAgents) } : {}),
        env_states: states,
        transitions: records,
      },
      outputs: ['transitions'],
      workgroups: [Math.ceil(numEnvs / 64), numAgents, 1],
    })
    return transitions as Float32Array
  }

  /** Words of the frames that `states` show, [state][words of a frame]. */
  private async observeWords(states: Uint32Array): Promise<Uint32Array> {
    const n = states.length / this.stateSize
    const { frameWords, stackWords } = gridWords(this.spec)
    const { observations } = await this.run({
      stem: 'observe_words',
      slots: this.slots,
      args: { numEnvs: n, numSteps: 0, stopStride: 2, step: 0, mode: 0 },
      buffers: {
        stop: new Uint32Array(4),
        transitions: new Float32Array(this.record.stride),
        ...this.hyper(1),
        env_states: states,
        final_states: states,
        observations: new Uint32Array(n * stackWords),
        final_observations: new Uint32Array(4),
      },
      outputs: ['observations'],
      workgroups: [Math.ceil((n * stackWords) / 64), 1, 1],
    })
    const padded = observations as Uint32Array
    return padded.filter((_, i) => i % stackWords < frameWords)
  }

  /** Masks of `states`, [states][actionDim]; null if the environment has none. */
  async masks(states: Uint32Array, seed: number): Promise<Uint8Array | null> {
    if (!hasMask(this.spec)) return null
    const { record } = this
    const transitions = await this.observe(states, seed)
    const width = actionDim(this.spec)
    const masks = new Uint8Array((states.length / this.stateSize) * width)
    for (let i = 0; i < masks.length / width; i++) {
      masks.set(readMask(transitions, i * record.stride + record.mask, record, width), i * width)
    }
    return masks
  }

  async step(
    step: number,
    seed: number,
    before: Uint32Array,
    actions: Float32Array,
    masks: Uint8Array | null,
  ): Promise<Step> {
    const { record, actionSize } = this
    const n = before.length / this.stateSize
    const records = new Float32Array(n * record.stride).fill(Number.NaN)
    for (let i = 0; i < actions.length; i++) {
      records[Math.floor(i / actionSize) * record.stride + record.action + (i % actionSize)] = actions[i]
    }
    const packed = isPacked(this.spec)
    const observed = packed ? 'next_words' : 'next_obs'
    const { transitions, env_states, draws, ...seen } = await this.run({
      stem: 'replay_envs',
      slots: this.slots,
      args: { count: n, seed: (seed + step) >>> 0 },
      buffers: {
        transitions: records,
        ...this.hyper(1),
        env_states: before,
        ...(packed
          ? { next_words: new Uint32Array(n * gridWords(this.spec).frameWords) }
          : { next_obs: new Float32Array(n * seenDim(this.spec)).fill(Number.NaN) }),
        draws: new Uint32Array(n),
      },
      outputs: ['transitions', 'env_states', observed, 'draws'],
      workgroups: [Math.ceil(n / 64), 1, 1],
    })
    const words = packed ? (seen[observed] as Uint32Array) : null
    const column = (at: number) => Float32Array.from({ length: n }, (_, i) => transitions[i * record.stride + at])
    return {
      step,
      before,
      after: env_states as Uint32Array,
      actions,
      masks,
      rewards: column(record.reward),
      terminated: column(record.flags),
      obs: words ? entriesOf(this.spec, words) : (seen[observed] as Float32Array),
      words,
      draws: draws as Uint32Array,
    }
  }
}

/** The entries of frames of words, [frame][obsDim]. */
export function entriesOf(spec: EnvSpec, words: Uint32Array): Float32Array {
  const width = obsDim(spec)
  const { frameWords } = gridWords(spec)
  const { storage } = spec.observation!
  return Float32Array.from({ length: (words.length / frameWords) * width }, (_, i) =>
    entryOf(storage, words, Math.floor(i / width) * frameWords, i % width),
  )
}

/**
 * Boxes: one in eight at each bound, the rest uniform between them. Discrete: uniform over the choices that `masks`
 * allow.
 */
export function randomActions(
  spec: EnvSpec,
  seed: number,
  step: number,
  numEnvs: number,
  masks: Uint8Array | null,
): Float32Array {
  const { actionSpace } = spec
  const { parts } = distributionOf(distributionFor(actionSpace))
  const actions: number[] = []
  for (let env = 0; env < numEnvs; env++) {
    const rng = makeRng(seed, step, STREAM.ACTION, env)
    if (actionSpace.kind !== 'box') {
      let first = env * actionDim(spec)
      for (const n of parts) {
        const choices = Array.from({ length: n }, (_, i) => i).filter((i) => masks === null || masks[first + i] !== 0)
        actions.push(choices[Math.floor(uniform(rng) * choices.length)] ?? 0)
        first += n
      }
    } else {
      actionSpace.low.forEach((low, j) => {
        const share = Math.min(1, Math.max(0, (uniform(rng) * 8 - 1) / 6))
        actions.push(share === 1 ? actionSpace.high[j] : low + share * (actionSpace.high[j] - low))
      })
    }
  }
  return Float32Array.from(actions)
}
