import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { recordLayout } from '../../src/plan/transition'
import { type EpisodeRecord, newEpisodeRecord } from '../../src/reference/episode_stats'
import type { EnvSlot } from '../../src/reference/reset_envs'
import { stepEnvs } from '../../src/reference/step_envs'
import {
  columnOf,
  endFlags,
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  isField,
  makeRecords,
  perItem,
  pick,
  progressOf,
  randomNumbers,
  runKernel,
  setColumn,
  structsOf,
  unwritten,
} from '../support/kernel'
import { asEpisode, driftEnv, episodeNumbers, numbersOf, paramsFor, running } from './envs'

const f32 = Math.fround
// States and observations are sums of a few f32 products of numbers up to 10: some roundings of 6e-7.
const LIMIT = { atol: 2e-6, rtol: 2e-6 }
const MAX_EPISODE_STEPS = 6

type Random = () => number
const cartPoleState = (random: Random) => ({
  x: f32(2.38 * random()),
  x_dot: f32(5 * random()),
  theta: f32(0.205 * random()),
  theta_dot: f32(5 * random()),
})
// Steps so far: 0 to 3, so that a quarter terminates.
const driftState = (random: Random) => ({ x: random(), count: Math.floor(2 + 2 * random()) })

/**
 * A running episode (its length, and its skipped steps, decide about truncation), and before it an ended one or none.
 */
function episodeOf(random: Random): EpisodeRecord {
  const length = Math.floor(1 + 4.99 * Math.abs(random()))
  const stepsSkipped = random() < -0.5 ? Math.floor(3 * Math.abs(random())) : 0
  const running = { episodicReturn: f32(10 * random()), episodicLength: length, stepsSkipped }
  if (random() < 0) return { ...newEpisodeRecord(), ...running }
  const ended = { count: 1, returnMean: 3, returnM2: 0, returnMin: 3, returnMax: 3 }
  return { ...newEpisodeRecord(), ...running, ...ended, lengthMean: 8, lengthM2: 0, lengthMin: 8, lengthMax: 8 }
}

interface Case {
  spec: EnvSpec
  makeState: (random: Random) => Record<string, number>
  numEnvs: number
  numSteps: number
  step: number
}
const cases: Case[] = [
  { spec: cartPole, makeState: cartPoleState, numEnvs: 1, numSteps: 1, step: 0 },
  { spec: cartPole, makeState: cartPoleState, numEnvs: 65, numSteps: 3, step: 0 },
  { spec: driftEnv as EnvSpec, makeState: driftState, numEnvs: 65, numSteps: 3, step: 2 },
  { spec: driftEnv as EnvSpec, makeState: driftState, numEnvs: 7, numSteps: 123, step: 122 },
]

// Three agents, the second one halted.
const ITERATIONS = [0, 3, 5]
const LIVE = [0, 2]

async function check({ spec, makeState, numEnvs, numSteps, step }: Case) {
  const shape = networkShape(spec, resolveConfig({}, {}))
  const record = recordLayout(shape)
  const slots = { ...policySlots(shape), ...envSlots(spec) }
  const structs = structsOf('step_envs', slots)
  const random = randomNumbers(numEnvs + step)
  const numAgents = 3
  const agentRows = (numSteps + 1) * numEnvs
  const agents = Array.from({ length: numAgents }, () =>
    Array.from({ length: numEnvs }, () => ({ state: makeState(random), episode: episodeOf(random) })),
  )
  const actionCount = record.actionCount
  const action = () => (actionCount === 1 ? Number(random() > 0) : f32(3 * random()))
  const actions = agents.map(() => Float32Array.from({ length: numEnvs * actionCount }, action))
  const transitions = makeRecords(shape, numAgents * agentRows)
  actions.forEach((values, agent) => {
    setColumn(shape, transitions, 'action', values, agent * agentRows + step * numEnvs)
  })
  const all = agents.flat()
  const finalSize = numSteps * numEnvs * record.obsStride
  const buffers = {
    progress: progressOf(
      structs,
      ITERATIONS.map((iteration, agent) => ({ seed: 11 + agent, iteration })),
    ),
    stop: gates(numAgents, 3, { 1: [0] }),
    ...running(structs, all),
    final_obs: unwritten(numAgents * finalSize),
    transitions,
    ...paramsFor('step_envs', slots, spec, numAgents),
  }
  const after = await runKernel({
    stem: 'step_envs',
    slots,
    args: { numEnvs, numSteps, stopStride: 3, maxEpisodeSteps: MAX_EPISODE_STEPS, step },
    buffers,
    outputs: ['env_states', 'episodes', 'final_obs', 'transitions'],
    workgroups: perItem(numEnvs, numAgents),
  })

  const stateWords = structs.words('EnvState')
  const episodeWords = structs.words('Episode')
  const finalWritten = new Set<number>()
  const ends = { terminated: 0, truncated: 0, both: 0, neither: 0 }
  for (const agent of LIVE) {
    const out = {
      rewards: new Float64Array(numEnvs),
      terminated: new Uint8Array(numEnvs),
      truncated: new Uint8Array(numEnvs),
      faults: new Uint8Array(numEnvs),
      finalObs: new Float64Array(numEnvs * shape.obsDim),
      nextObs: new Float64Array(numEnvs * shape.obsDim),
    }
    const globalStep = ITERATIONS[agent] * numSteps + step
    const twinSlots = agents[agent] as EnvSlot<Record<string, number>>[]
    stepEnvs(
      { ...spec, maxEpisodeSteps: MAX_EPISODE_STEPS },
      twinSlots,
      11 + agent,
      globalStep,
      actions[agent],
      actionCount,
      shape.obsDim,
      out,
    )
    const first = agent * agentRows + step * numEnvs
    const column = (field: Parameters<typeof columnOf>[2], row = first) =>
      columnOf(shape, after.transitions, field, numEnvs, row)
    const dims = { env: numEnvs }
    const name = `step_envs(agent ${agent})`
    expectClose(`${name}.rewards`, column('reward'), out.rewards, { ...LIMIT, dims })
    expectClose(`${name}.flags`, column('flags'), endFlags(out.terminated, out.truncated), { dims })
    const obsDims = { env: numEnvs, entry: shape.obsDim }
    const obs = column('obs', first + numEnvs)
    expectClose(`${name}.obs`, obs, out.nextObs, { ...LIMIT, dims: obsDims })
    expectCaught(`${name}.obs`, obs, out.nextObs, { ...LIMIT, dims: obsDims })
    const states = pick(
      new Float32Array(after.env_states.buffer),
      numEnvs * stateWords,
      (i) => agent * numEnvs * stateWords + i,
    )
    const reference = twinSlots.flatMap(({ state }) => numbersOf(state))
    expectClose(`${name}.env_states`, states, reference, { ...LIMIT, dims: { env: numEnvs, field: stateWords } })
    for (let env = 0; env < numEnvs; env++) {
      const got = episodeNumbers(structs.read('Episode', after.episodes, agent * numEnvs + env))
      const want = episodeNumbers(asEpisode(twinSlots[env].episode) as never)
      expectClose(`${name}.episodes[${env}]`, got, want, { ...LIMIT, dims: { field: episodeWords } })
      const done = out.terminated[env] || out.truncated[env]
      const kind = out.terminated[env]
        ? out.truncated[env]
          ? 'both'
          : 'terminated'
        : out.truncated[env]
          ? 'truncated'
          : 'neither'
      ends[kind]++
      if (!done) continue
      const at = (agent * numSteps + step) * numEnvs * record.obsStride + env * record.obsStride
      for (let k = 0; k < shape.obsDim; k++) finalWritten.add(at + k)
      const wanted = out.finalObs.subarray(env * shape.obsDim, (env + 1) * shape.obsDim)
      expectClose(
        `${name}.final_obs[${env}]`,
        pick(after.final_obs, shape.obsDim, (k) => at + k),
        wanted,
        LIMIT,
      )
    }
  }
  const live = (index: number, perAgent: number) => LIVE.includes(Math.floor(index / perAgent))
  expectUntouched('step_envs.env_states', after.env_states, buffers.env_states, (i) => live(i, numEnvs * stateWords))
  expectUntouched('step_envs.episodes', after.episodes, buffers.episodes, (i) => live(i, numEnvs * episodeWords))
  expectUntouched('step_envs.final_obs', after.final_obs, buffers.final_obs, (i) => finalWritten.has(i))
  const inStep = (row: number) => live(row, agentRows) && Math.floor((row % agentRows) / numEnvs) === step
  const inNext = (row: number) => live(row, agentRows) && Math.floor((row % agentRows) / numEnvs) === step + 1
  const results = isField(shape, ['reward', 'flags'], inStep)
  const nextObs = isField(shape, ['obs'], inNext)
  expectUntouched('step_envs.transitions', after.transitions, transitions, (i) => results(i) || nextObs(i))
  return ends
}

describe('step_envs', () => {
  test.each(cases)('$spec.id: $numEnvs environments, step $step of $numSteps', async (c) => {
    const ends = await check(c)
    // The larger cases must contain all four kinds of steps.
    if (c.numEnvs === 65) expect(Math.min(...Object.values(ends)), JSON.stringify(ends)).toBeGreaterThan(0)
  })
})
