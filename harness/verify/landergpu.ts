/**
 * LunarLander's kernel with recorded numbers instead of random ones, for episodes that share a pipeline and parameters.
 */
import { type LunarLanderState, makeLunarLanderTwin } from '../../envs/lunar_lander/lunar_lander'
import { lunarLander, lunarLanderContinuous } from '../../envs/lunar_lander/spec'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { numberOf, readState, type StateWord, stateWords, writeWord } from '../../src/envcheck/state'
import { largest } from '../../src/extremes'
import { link, type Slot } from '../../src/gpu/link'
import type { RunKernel } from '../../src/gpu/once'
import { reflectStruct, writeStruct, zerosOf } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { paramRecords } from '../../src/plan/params'
import { type RecordLayout, recordLayout } from '../../src/plan/transition'
import { actionOf, type Draw, type Episode, paramsOf, recorded, resetDraws, stepDraws } from './landerfile'

const OBS = 8
/** Steps after the end of a recording, with its last action. */
const BEYOND = 20

/** Replaces shaders/lib/rng.wgsl: `count` recorded numbers for each environment, as uniform ones in [0, 1). */
export const replayRng = (count: number): Slot => ({
  file: 'recorded draws',
  source: `
const STREAM_ENV_STEP = 1u;
const STREAM_ENV_RESET = 2u;
const STREAM_STAGGER = 5u;
const STREAM_PARAMS = 6u;
struct Rng { first: u32, draw: u32 }
@group(0) @binding(7) var<storage, read> recorded_draws: array<f32>;
fn make_rng(seed: u32, step: u32, stream: u32, env: u32) -> Rng { return Rng(env * ${count}u, 0u); }
fn rng_uniform(rng: ptr<function, Rng>) -> f32 {
  (*rng).draw++;
  return recorded_draws[(*rng).first + (*rng).draw - 1u];
}
fn rng_bits(rng: ptr<function, Rng>) -> vec2u { return vec2u(0u); }`,
})
/** An integer as the middle of the interval that the kernel converts to it. */
const unit = ({ low, high, whole, value }: Draw): number => (value - low + (whole ? 0.5 : 0)) / (high - low)

export interface StepResults {
  /** The state after the step of row `row`, in the twin's form; and as words. */
  states(row: number): LunarLanderState
  words: Uint32Array
  /** [rows][8] */
  obs: Float32Array
  /** [rows] */
  rewards: Float32Array
  terminated: Float32Array
  draws: Uint32Array
}

export interface Member {
  e: Episode
  /** Its index in the file. */
  i: number
}

/** Groups of episodes with the same kernel and the same parameters. */
export function groupsOf(episodes: Episode[], run: RunKernel): Group[] {
  const groups = new Map<string, Member[]>()
  for (const [i, e] of episodes.entries()) {
    const key = JSON.stringify([e.kwargs.continuous === true, paramsOf(e)])
    groups.set(key, [...(groups.get(key) ?? []), { e, i }])
  }
  return [...groups.values()].map((members) => new Group(members, run))
}

export class Group {
  readonly words: StateWord[]
  /** 4-byte words of a state. */
  readonly size: number
  private readonly slots: Record<string, Slot>
  private readonly record: RecordLayout
  private readonly hyper: Uint32Array
  private readonly twin
  private readonly params

  constructor(
    readonly members: Member[],
    private readonly run: RunKernel,
  ) {
    const [{ e }] = members
    const continuous = e.kwargs.continuous === true
    const spec = (continuous ? lunarLanderContinuous : lunarLander) as unknown as EnvSpec
    const shape = networkShape(spec, resolveConfig({}, {}))
    this.twin = makeLunarLanderTwin(continuous)
    this.params = paramsOf(e)
    this.record = recordLayout(shape)
    this.slots = { ...policySlots(shape), ...envSlots(spec, { clip: false }) }
    const { code } = link('shaders/replay_envs.wgsl', SHADERS, this.slots)
    this.words = stateWords(code)
    this.size = reflectStruct(code, 'EnvState').size / 4
    this.hyper = paramRecords(code, spec, { ...this.params })
  }

  /** The state in row `row`, in the twin's form. */
  stateAt(words: Uint32Array, row: number): LunarLanderState {
    return readState(this.words, words, row * this.size) as unknown as LunarLanderState
  }

  /** The twin's states before every step of every episode, one after the other. */
  statesBefore(): Uint32Array {
    const { members, twin, params, size } = this
    const all = new Uint32Array(members.reduce((sum, { e }) => sum + e.len, 0) * size)
    let at = 0
    for (const { e } of members) {
      const state = twin.resetWith(recorded(resetDraws(e)), params)
      for (let t = 0; t < e.len; t++) {
        for (const word of this.words) writeWord(word, all, at, numberOf(state, word)!)
        at += size
        twin.stepWith(state, actionOf(e.actions[t]), recorded(stepDraws(e, t)), params)
      }
    }
    return all
  }

  /** Initial states of all episodes, and how many numbers each drew. */
  async reset(): Promise<{ states: Uint32Array; draws: Uint32Array }> {
    const { members, run, size } = this
    const drawn = members.map(({ e }) => resetDraws(e))
    const n = drawn.length
    const slots = { ...this.slots, 'shaders/lib/rng.wgsl': replayRng(drawn[0].length) }
    const { code } = link('shaders/reset_envs.wgsl', SHADERS, slots)
    const progress = reflectStruct(code, 'Progress')
    const bytes = new DataView(new ArrayBuffer(progress.size))
    writeStruct(progress, zerosOf(progress), bytes)
    const common = { hyper: this.hyper, recorded_draws: Float32Array.from(drawn.flat(), unit) }
    const workgroups: [number, number, number] = [Math.ceil(n / 64), 1, 1]
    const { env_states } = await run({
      stem: 'reset_envs',
      slots,
      args: { numEnvs: n, staggerOver: 0 },
      buffers: {
        ...common,
        progress: new Uint32Array(bytes.buffer),
        env_states: new Uint32Array(n * size),
        episodes: new Uint32Array((n * reflectStruct(code, 'Episode').size) / 4),
      },
      outputs: ['env_states'],
      workgroups,
    })
    const { draws } = await run({
      stem: 'reset_draws',
      slots,
      args: { numEnvs: n, seed: 0 },
      buffers: { ...common, env_states: new Uint32Array(n * size), draws: new Uint32Array(n) },
      outputs: ['draws'],
      workgroups,
    })
    return { states: env_states as Uint32Array, draws: draws as Uint32Array }
  }

  /** One step from each state, with its action and its draws. */
  async step(states: Uint32Array, rows: [action: number[], draws: Draw[]][]): Promise<StepResults> {
    const { record, run } = this
    const n = rows.length
    const records = new Float32Array(n * record.stride)
    for (const [row, [action]] of rows.entries()) records.set(action, row * record.stride + record.action)
    const after = await run({
      stem: 'replay_envs',
      slots: { ...this.slots, 'shaders/lib/rng.wgsl': replayRng(rows[0][1].length) },
      args: { count: n, seed: 0 },
      buffers: {
        hyper: this.hyper,
        transitions: records,
        env_states: states,
        next_obs: new Float32Array(n * OBS),
        draws: new Uint32Array(n),
        recorded_draws: Float32Array.from(
          rows.flatMap(([, draws]) => draws),
          unit,
        ),
      },
      outputs: ['transitions', 'env_states', 'next_obs', 'draws'],
      workgroups: [Math.ceil(n / 64), 1, 1],
    })
    const words = after.env_states as Uint32Array
    const column = (at: number) => Float32Array.from({ length: n }, (_, i) => after.transitions[i * record.stride + at])
    return {
      states: (row) => this.stateAt(words, row),
      words,
      obs: after.next_obs as Float32Array,
      rewards: column(record.reward),
      terminated: column(record.flags),
      draws: after.draws as Uint32Array,
    }
  }

  /** Plays the recorded actions and draws from `first` on. Returns after how many steps each episode ended; 0: it did not. */
  async play(first: Uint32Array): Promise<number[]> {
    const episodes = this.members.map(({ e }) => e)
    const ended = episodes.map(() => 0)
    const longest = largest(episodes.map(({ len }) => len))
    let states = first
    for (let t = 0; t < longest + BEYOND && ended.includes(0); t++) {
      const rows = episodes.map((e): [number[], Draw[]] => {
        const at = Math.min(t, e.len - 1)
        return [actionOf(e.actions[at]), stepDraws(e, at)]
      })
      const { words, terminated } = await this.step(states, rows)
      states = words
      for (const row of ended.keys()) if (ended[row] === 0 && terminated[row] === 1) ended[row] = t + 1
    }
    return ended
  }
}
