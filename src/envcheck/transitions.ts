/** Episodes of an environment on the GPU under random actions, one step at a time, with everything kept. */

import { resolveConfig } from '../config/config'
import { actionCount, actionDim, type EnvSpec, hasMask, obsDim } from '../env/contract'
import { makeRng, STREAM, uniform } from '../env/rng'
import { link } from '../gpu/link'
import type { RunKernel } from '../gpu/once'
import { reflectStruct, writeStruct, zerosOf } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { networkShape } from '../model/network'
import { envSlots, policySlots } from '../plan/kernels'
import { readMask, recordLayout } from '../plan/transition'

/** First states, and what they look like. Environment `env` of reset `k` draws with seed + k at step 0. */
export interface Resets {
  /** [numResets][numEnvs][words of EnvState] */
  states: Uint32Array
  /** [numResets][numEnvs][obsDim] */
  obs: Float32Array
  /** [numResets][numEnvs]: random numbers that each took. */
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
  /** Which choices the state before it allows, [numEnvs][actionDim]; null where the environment forbids none. */
  masks: Uint8Array | null
  /** [numEnvs] */
  rewards: Float32Array
  /** [numEnvs], as env_step wrote it */
  terminated: Float32Array
  /** [numEnvs][obsDim], of the state after the step */
  obs: Float32Array
  /** [numEnvs]: random numbers that the step took */
  draws: Uint32Array
}

/** The kernels of one environment, on whatever runs kernels. */
export class EnvKernels {
  /** 4-byte words of EnvState, and the linked source that declares it. */
  readonly stateSize: number
  readonly code: string
  readonly actionSize: number
  private readonly slots
  private readonly record

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

  async reset(seed: number, numResets: number, numEnvs: number): Promise<Resets> {
    const { code, slots, record } = this
    const n = numResets * numEnvs
    const layout = reflectStruct(code, 'Progress')
    const progress = new Uint32Array((numResets * layout.size) / 4)
    for (let k = 0; k < numResets; k++) {
      const values = { ...zerosOf(layout), seed: (seed + k) >>> 0 }
      writeStruct(layout, values, new DataView(progress.buffer), k * layout.size)
    }
    const { env_states } = await this.run({
      stem: 'reset_envs',
      slots,
      args: { numEnvs, staggerOver: 0 },
      buffers: {
        progress,
        env_states: new Uint32Array(n * this.stateSize),
        episodes: new Uint32Array((n * reflectStruct(code, 'Episode').size) / 4),
      },
      outputs: ['env_states'],
      workgroups: [Math.ceil(numEnvs / 64), numResets, 1],
    })
    const transitions = await this.observe(env_states as Uint32Array)
    const width = obsDim(this.spec)
    const obs = Float32Array.from({ length: n * width }, (_, i) => {
      return transitions[Math.floor(i / width) * record.stride + record.obs + (i % width)]
    })
    const { draws } = await this.run({
      stem: 'reset_draws',
      slots,
      args: { numEnvs, seed },
      buffers: { draws: new Uint32Array(n) },
      outputs: ['draws'],
      workgroups: [Math.ceil(numEnvs / 64), numResets, 1],
    })
    return { states: env_states as Uint32Array, obs, draws: draws as Uint32Array }
  }

  /** Records with what the policy sees of `states`: one agent with all the environments, for observing draws nothing. */
  private async observe(states: Uint32Array): Promise<Float32Array> {
    const n = states.length / this.stateSize
    const { transitions } = await this.run({
      stem: 'observe_envs',
      slots: this.slots,
      args: { numEnvs: n, numSteps: 1, stopStride: 2 },
      buffers: {
        stop: new Uint32Array(4),
        env_states: states,
        transitions: new Float32Array(n * this.record.stride).fill(Number.NaN),
      },
      outputs: ['transitions'],
      workgroups: [Math.ceil(n / 64), 1, 1],
    })
    return transitions as Float32Array
  }

  /** What `states` allow, [states][actionDim]; null where the environment forbids nothing. */
  async masks(states: Uint32Array): Promise<Uint8Array | null> {
    if (!hasMask(this.spec)) return null
    const { record } = this
    const transitions = await this.observe(states)
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
    const { transitions, env_states, next_obs, draws } = await this.run({
      stem: 'replay_envs',
      slots: this.slots,
      args: { count: n, seed: (seed + step) >>> 0 },
      buffers: {
        transitions: records,
        env_states: before,
        next_obs: new Float32Array(n * obsDim(this.spec)).fill(Number.NaN),
        draws: new Uint32Array(n),
      },
      outputs: ['transitions', 'env_states', 'next_obs', 'draws'],
      workgroups: [Math.ceil(n / 64), 1, 1],
    })
    const column = (at: number) => Float32Array.from({ length: n }, (_, i) => transitions[i * record.stride + at])
    return {
      step,
      before,
      after: env_states as Uint32Array,
      actions,
      masks,
      rewards: column(record.reward),
      terminated: column(record.flags),
      obs: next_obs as Float32Array,
      draws: draws as Uint32Array,
    }
  }
}

/** One in eight at each bound of a box, the rest uniform between them; uniform over the choices that `masks` allow. */
export function randomActions(
  spec: EnvSpec,
  seed: number,
  step: number,
  numEnvs: number,
  masks: Uint8Array | null,
): Float32Array {
  const { actionSpace } = spec
  const actions: number[] = []
  for (let env = 0; env < numEnvs; env++) {
    const rng = makeRng(seed, step, STREAM.ACTION, env)
    if (actionSpace.kind !== 'box') {
      let first = env * actionDim(spec)
      for (const n of actionSpace.kind === 'discrete' ? [actionSpace.n] : actionSpace.nvec) {
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
