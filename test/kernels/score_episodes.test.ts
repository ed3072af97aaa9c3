import { describe, expect, test } from 'vitest'
import { policySlots } from '../../src/plan/kernels'
import { FLAG } from '../../src/plan/transition'
import { type Scored, scoreEpisodes } from '../../src/reference/score_episodes'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  makeRecords,
  progressOf,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
  structsOf,
  withTail,
} from '../support/kernel'

const shape = shapeOf(4, 2)
const slots = policySlots(shape)
const structs = structsOf('score_episodes', slots)
const ENDED = ['no', 'ended', 'broken'] as const
// Sums of up to 200 rewards, in blocks.
const LIMIT = { atol: 1e-5, rtol: 1e-6 }

/** Three agents, the second one halted; episodes end by `flagsAt`. */
async function run(numEnvs: number, numSteps: number, flagsAt: (step: number, env: number) => number) {
  const numAgents = 3
  const random = randomNumbers(numEnvs + numSteps)
  const rows = numAgents * (numSteps + 1) * numEnvs
  const place = (i: number) => ({ step: Math.floor(i / numEnvs) % (numSteps + 1), env: i % numEnvs })
  const rewards = Float32Array.from({ length: rows }, random)
  const flags = Array.from({ length: rows }, (_, i) => flagsAt(place(i).step, place(i).env))
  const transitions = makeRecords(shape, rows)
  setColumn(shape, transitions, 'reward', rewards)
  setColumn(shape, transitions, 'flags', flags)
  // Every third environment has ended before, the others are 63 steps old: a block of rewards is about to be full.
  const start = (env: number): Scored => ({
    episodicReturn: 0.5,
    episodicLength: 63,
    ended: env % 3 === 2 ? 'ended' : 'no',
  })
  const records = Array.from({ length: numAgents * numEnvs }, (_, i) => {
    const { episodicReturn, episodicLength, ended } = start(i % numEnvs)
    return { returnBlocks: [episodicReturn, 0, 0, 0], episodicLength, ended: ENDED.indexOf(ended) }
  })
  const evaluated = withTail(structs.write('Evaluated', records))
  const stop = gates(numAgents, 3, { 1: [0] })
  const after = await runKernel({
    stem: 'score_episodes',
    slots,
    args: { numEnvs, numSteps, stopStride: 3 },
    buffers: { transitions, evaluated, progress: progressOf(structs, Array(numAgents).fill({ iteration: 4 })), stop },
    outputs: ['evaluated', 'progress', 'stop'],
    workgroups: [numAgents, 1, 1],
  })
  const words = numEnvs * structs.words('Evaluated')
  const isLive = (i: number) => i < 3 * words && Math.floor(i / words) !== 1
  expectUntouched('score_episodes.evaluated', after.evaluated, evaluated, isLive)
  expect(structs.read('Progress', after.progress, 1)).toMatchObject({ iteration: 4 })
  return [0, 2].map((agent) => {
    const expected = Array.from({ length: numEnvs }, (_, env) => start(env))
    let goesOn = true
    for (let step = 0; step < numSteps; step++) {
      goesOn = scoreEpisodes(expected, (env) => {
        const row = (agent * (numSteps + 1) + step) * numEnvs + env
        const has = (bit: number) => (flags[row] & bit) !== 0
        return {
          reward: rewards[row],
          isOver: has(FLAG.terminated | FLAG.truncated),
          standsStill: has(FLAG.standsStill),
        }
      })
    }
    const got = expected.map((_, env) => structs.read('Evaluated', after.evaluated, agent * numEnvs + env))
    expect(got.map(({ ended }) => ENDED[ended as number])).toEqual(expected.map(({ ended }) => ended))
    expect(got.map(({ episodicLength }) => episodicLength)).toEqual(expected.map((e) => e.episodicLength))
    expect(structs.read('Progress', after.progress, agent)).toMatchObject({ iteration: 5 })
    expect([...after.stop.subarray(3 * agent, 3 * agent + 3)]).toEqual([goesOn ? 0 : 1, 0, 0])
    const sums = got.map(({ returnBlocks }) => (returnBlocks as unknown as number[]).reduce((a, b) => a + b, 0))
    return { sums, expected: expected.map((e) => e.episodicReturn), goesOn }
  })
}

describe('score_episodes', () => {
  const sometimes = (step: number, env: number): number =>
    env % 5 === 0 && step % 7 === 0
      ? FLAG.terminated
      : env % 5 === 1 && step === 3
        ? FLAG.standsStill
        : env % 5 === 3 && step % 9 === 8
          ? FLAG.truncated
          : 0
  test.each([
    [1, 1],
    [7, 123],
    [65, 16],
  ])('%o environments, %o steps', async (numEnvs, numSteps) => {
    for (const { sums, expected } of await run(numEnvs, numSteps, sometimes)) {
      expectClose('score_episodes.return', sums, expected, LIMIT)
      expectCaught('score_episodes.return', sums, expected, LIMIT)
    }
  })

  test('closes the gate when all have ended, and not before', async () => {
    const last = (step: number) => (step === 15 ? FLAG.truncated : 0)
    for (const { goesOn } of await run(7, 16, last)) expect(goesOn).toBe(false)
    for (const { goesOn } of await run(7, 16, (step, env) => (env === 4 ? 0 : last(step)))) expect(goesOn).toBe(true)
  })
})
