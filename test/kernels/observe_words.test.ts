import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/config'
import { type GridSpace, type GridStorage, obsDim } from '../../src/env/contract'
import { entryOf, gridWords, packEntries } from '../../src/env/grid'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { FLAG } from '../../src/plan/transition'
import { observeWords } from '../../src/reference/observe_words'
import { gridEnv } from '../support/grid_env'
import {
  expectUntouched,
  gates,
  makeRecords,
  randomNumbers,
  runKernel,
  structsOf,
  TAIL,
  unwrittenWords,
} from '../support/kernel'

const MODES = { first: 0, again: 1, step: 2 }
/** Of environments in turn: how an episode goes on. */
const LIFE_LOST = FLAG.terminated | FLAG.lifeLost
const FLAGS = [0, FLAG.terminated, LIFE_LOST, FLAG.truncated, FLAG.terminated | FLAG.standsStill, FLAG.standsStill]
const NUM_STEPS = 3

/**
 * Three agents, the second one halted. The stacks are random before the dispatch, all else is unwritten; returns the
 * words after it, and those of the twin.
 */
async function run(
  storage: GridStorage,
  shape: GridSpace['shape'],
  frames: number,
  mode: keyof typeof MODES,
  numEnvs: number,
) {
  const spec = gridEnv(storage, shape)
  const network = networkShape(spec, resolveConfig({}, { frameStack: frames }, spec))
  const { stackWords } = gridWords(spec, frames)
  const slots = { ...policySlots(network), ...envSlots(spec, { frames }) }
  const structs = structsOf('observe_words', slots)
  const numAgents = 3
  const step = mode === 'step' ? 1 : 0
  const random = randomNumbers(numEnvs)
  const number = (n: number) => Math.floor(((random() + 1) / 2) * n)
  const states = () =>
    Array.from({ length: numAgents * numEnvs }, () => ({ place: number(32), time: number(9), mark: number(64) }))
  const [now, last] = [states(), states()]

  const perAgent = (slots: number) => slots * numEnvs * stackWords
  const observations = unwrittenWords(numAgents * perAgent(NUM_STEPS + 1))
  const entries = new Float64Array(numAgents * numEnvs * network.obsDim)
  for (let i = 0; i < entries.length; i++) entries[i] = number(storage === 'bits' ? 2 : 256)
  const slotAt = (agent: number, slot: number, env: number) =>
    agent * perAgent(NUM_STEPS + 1) + (slot * numEnvs + env) * stackWords
  for (let i = 0; i < numAgents * numEnvs; i++) {
    const at = slotAt(Math.floor(i / numEnvs), step, i % numEnvs)
    observations.fill(0, at, at + stackWords)
    packEntries(storage, entries, i * network.obsDim, network.obsDim, observations, at)
  }
  const finalObservations = unwrittenWords(numAgents * perAgent(NUM_STEPS))
  const rows = numAgents * (NUM_STEPS + 1) * numEnvs
  const flags = Array.from({ length: rows }, (_, row) => FLAGS[(row % numEnvs) % FLAGS.length])
  const after = await runKernel({
    stem: 'observe_words',
    slots,
    args: { numEnvs, numSteps: NUM_STEPS, stopStride: 3, step, mode: MODES[mode] },
    buffers: {
      stop: gates(numAgents, 3, { 1: [0] }),
      transitions: makeRecords(network, rows, { flags }),
      env_states: structs.write('EnvState', now),
      final_states: structs.write('EnvState', last),
      observations,
      final_observations: finalObservations,
    },
    outputs: ['observations', 'final_observations'],
    workgroups: [3, numAgents, 1], // several turns of each
  })

  const expected = { observations: observations.slice(), final_observations: finalObservations.slice() }
  const scale = storage === 'bytes' ? 255 : 1
  const stack = Float64Array.from(entries, (entry) => entry / scale)
  const frame = new Float64Array(obsDim(spec))
  const seen = new Float64Array(network.obsDim)
  const put = (words: Uint32Array, at: number, state: object, before: number | null, moved: number): void => {
    spec.twin!.observe(state, frame, 0)
    observeWords(spec, frames, frame, seen, 0, before === null ? null : { obs: stack, offset: before, moved })
    words.fill(0, at, at + stackWords)
    packEntries(
      storage,
      seen.map((x) => Math.round(x * scale)),
      0,
      seen.length,
      words,
      at,
    )
  }
  for (const agent of [0, 2]) {
    for (let env = 0; env < numEnvs; env++) {
      const i = agent * numEnvs + env
      const before = i * network.obsDim
      const own = FLAGS[env % FLAGS.length]
      const ended = (own & (FLAG.terminated | FLAG.truncated)) !== 0 && (own & FLAG.lifeLost) === 0
      const isReset = ended && (own & FLAG.standsStill) === 0
      const target = slotAt(agent, mode === 'step' ? step + 1 : step, env)
      const isFirst = mode === 'first' || (mode === 'step' && isReset)
      put(expected.observations, target, now[i], isFirst ? null : before, mode === 'step' ? 1 : 0)
      if (mode !== 'step' || !ended) continue
      const at = agent * perAgent(NUM_STEPS) + (step * numEnvs + env) * stackWords
      put(expected.final_observations, at, last[i], before, 1)
    }
  }
  return { after, expected, spec, stackWords, network }
}

const CASES: [GridStorage, GridSpace['shape'], frames: number, numEnvs: number][] = [
  ['bits', [1, 1, 1], 1, 1],
  ['bits', [10, 10, 4], 1, 7],
  ['bits', [10, 10, 4], 4, 7],
  ['bits', [3, 5, 3], 3, 65],
  ['bits', [10, 100, 1], 4, 6],
  ['bits', [1, 1, 33], 2, 7],
  ['bytes', [1, 5, 3], 1, 7],
  ['bytes', [10, 20, 5], 3, 6],
  ['bytes', [84, 84, 1], 4, 2],
  ['bytes', [84, 84, 1], 1, 6],
]

describe.each(CASES)('observe_words: %s of %j, %i frames, %i environments', (storage, shape, frames, numEnvs) => {
  test.each(['first', 'again', 'step'] as const)('%s', async (mode) => {
    const { after, expected } = await run(storage, shape, frames, mode, numEnvs)
    for (const name of ['observations', 'final_observations'] as const) {
      expectUntouched(`observe_words.${name}`, after[name] as Uint32Array, expected[name])
    }
  })
})

test('a frame too old, a stack that goes on over a reset, and words of another slot are noticed', async () => {
  const { after, expected, stackWords, network } = await run('bits', [3, 5, 3], 3, 'step', 7)
  const words = after.observations as Uint32Array
  // The second environment terminated: all its frames are the first one; the first environment goes on.
  const slot = (env: number) => (2 * 7 + env) * stackWords
  const entries = (env: number) =>
    Array.from({ length: network.obsDim }, (_, k) => entryOf('bits', words, slot(env), k))
  const frame = (env: number, f: number) => entries(env).filter((_, k) => Math.floor(k / 3) % 3 === f)
  expect(frame(1, 0)).toEqual(frame(1, 2))
  expect(frame(1, 1)).toEqual(frame(1, 2))
  expect(frame(0, 0)).not.toEqual(frame(0, 2))
  const wrong = expected.observations.slice()
  wrong[slot(0)] ^= 1
  expect(() => expectUntouched('observations', words, wrong)).toThrow('should not have been written')
  expect(words.length - TAIL).toBe(3 * 4 * 7 * stackWords)
})
