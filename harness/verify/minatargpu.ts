/** MinAtar's kernels with recorded numbers instead of random ones. */
import type { Remembers } from '../../envs/minatar/game'
import { resolveConfig } from '../../src/config/config'
import { entryOf, gridWords } from '../../src/env/grid'
import { numberOf, readState, type StateWord, stateWords, writeWord } from '../../src/envcheck/state'
import { largest } from '../../src/extremes'
import { link, type Slot } from '../../src/gpu/link'
import type { RunKernel } from '../../src/gpu/once'
import { reflectStruct } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { paramRecords } from '../../src/plan/params'
import { recordLayout } from '../../src/plan/transition'
import { replayRng } from './landergpu'
import { cellsOf, type MinAtarGolden, stateFrom } from './minatarfile'

interface Kernels {
  run: RunKernel
  golden: MinAtarGolden
  slots: Record<string, Slot>
  record: ReturnType<typeof recordLayout>
  words: StateWord[]
  /** 4-byte words of a state. */
  size: number
  hyper: Uint32Array
}

function kernelsOf(run: RunKernel, golden: MinAtarGolden): Kernels {
  const spec = golden.spec as never
  const shape = networkShape(spec, resolveConfig({}, {}))
  const slots = { ...policySlots(shape), ...envSlots(spec) }
  const { code } = link('shaders/replay_envs.wgsl', SHADERS, slots)
  return {
    ...{ run, golden, slots, record: recordLayout(shape), words: stateWords(code) },
    size: reflectStruct(code, 'EnvState').size / 4,
    hyper: paramRecords(code, spec, { ...golden.params }),
  }
}

/** Units of all rows in one list, each row of the same length, and the generator that reads them. */
function recordedDraws(units: readonly number[][]): { recorded_draws: Float32Array; rng: Slot } {
  const most = Math.max(1, largest(units.map(({ length }) => length)))
  const recorded_draws = new Float32Array(units.length * most)
  for (const [i, row] of units.entries()) recorded_draws.set(row, i * most)
  return { recorded_draws, rng: replayRng(most) }
}

function statesIn({ words, size }: Kernels, states: readonly Remembers[]): Uint32Array {
  const all = new Uint32Array(states.length * size)
  for (const [i, state] of states.entries())
    for (const word of words) writeWord(word, all, i * size, numberOf(state, word)!)
  return all
}

const stateAt = ({ words, size }: Kernels, all: Uint32Array, i: number): Remembers =>
  readState(words, all, i * size) as unknown as Remembers

/** The cells of each channel, from the words of frame `i`. */
function cellsAt({ golden }: Kernels, frames: Uint32Array, i: number, stride: number): number[][] {
  const { shape, storage } = golden.spec.observation!
  const entries = Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, k) =>
    entryOf(storage, frames, i * stride, k),
  )
  return cellsOf(golden.game, entries)
}

/** What the network would see of `states`: the cells of each. */
async function observe(kernels: Kernels, states: Uint32Array): Promise<number[][][]> {
  const { run, golden, slots, record, size, hyper } = kernels
  const n = states.length / size
  const { stackWords } = gridWords(golden.spec)
  const { observations } = await run({
    stem: 'observe_words',
    slots,
    args: { numEnvs: n, numSteps: 0, stopStride: 2, step: 0, mode: 0 },
    buffers: {
      hyper,
      stop: new Uint32Array(4),
      transitions: new Float32Array(record.stride),
      env_states: states,
      final_states: states,
      observations: new Uint32Array(n * stackWords),
      final_observations: new Uint32Array(4),
    },
    outputs: ['observations'],
    workgroups: [Math.ceil((n * stackWords) / 64), 1, 1],
  })
  return Array.from({ length: n }, (_, i) => cellsAt(kernels, observations as Uint32Array, i, stackWords))
}

/** Every recorded step from its own state, with the draws `units`. */
export async function stepsOnGpu(run: RunKernel, golden: MinAtarGolden, units: readonly number[][]) {
  const kernels = kernelsOf(run, golden)
  const { record, slots, hyper } = kernels
  const { steps, game, spec } = golden
  const n = steps.length
  const before = statesIn(
    kernels,
    steps.map((step) => stateFrom(game, step.before, step.last)),
  )
  const seen = await observe(kernels, before)
  const transitions = new Float32Array(n * record.stride)
  for (const [i, step] of steps.entries()) transitions[i * record.stride + record.action] = step.action
  const { recorded_draws, rng } = recordedDraws(units)
  const { frameWords } = gridWords(spec)
  const after = await run({
    stem: 'replay_envs',
    slots: { ...slots, 'shaders/lib/rng.wgsl': rng },
    args: { count: n, seed: 0 },
    buffers: {
      ...{ hyper, transitions, env_states: before, recorded_draws },
      next_words: new Uint32Array(n * frameWords),
      draws: new Uint32Array(n),
    },
    outputs: ['transitions', 'env_states', 'next_words', 'draws'],
    workgroups: [Math.ceil(n / 64), 1, 1],
  })
  const number = (i: number, at: number): number => after.transitions[i * record.stride + at]
  return steps.map((_, i) => ({
    state: stateAt(kernels, after.env_states as Uint32Array, i),
    seen: seen[i],
    obs: cellsAt(kernels, after.next_words as Uint32Array, i, frameWords),
    reward: number(i, record.reward),
    terminated: number(i, record.flags),
    draws: after.draws[i],
  }))
}

/** Every recorded reset, after an episode whose last action was `lastAction`, with the draws `units`. */
export async function resetsOnGpu(
  run: RunKernel,
  golden: MinAtarGolden,
  units: readonly number[][],
  lastAction: number,
) {
  const kernels = kernelsOf(run, golden)
  const { slots, hyper } = kernels
  const { resets, game } = golden
  const last = statesIn(
    kernels,
    resets.map(({ state }) => stateFrom(game, state, lastAction)),
  )
  const { recorded_draws, rng } = recordedDraws(units)
  const { env_states, draws } = await run({
    stem: 'reset_draws',
    slots: { ...slots, 'shaders/lib/rng.wgsl': rng },
    args: { numEnvs: resets.length, seed: 0 },
    buffers: { hyper, env_states: last, draws: new Uint32Array(resets.length), recorded_draws },
    outputs: ['env_states', 'draws'],
    workgroups: [Math.ceil(resets.length / 64), 1, 1],
  })
  const seen = await observe(kernels, env_states as Uint32Array)
  return resets.map((_, i) => ({
    state: stateAt(kernels, env_states as Uint32Array, i),
    obs: seen[i],
    draws: draws[i],
  }))
}
