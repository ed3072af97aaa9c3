import { expect, test } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec, GridSpace, GridStorage } from '../../src/env/contract'
import { gridWords, packEntries } from '../../src/env/grid'
import { forEachParam, type NetworkLayout, networkShape } from '../../src/model/network'
import { ORDINARY_LIMITS } from '../../src/plan/adapterclass'
import { rollout } from '../../src/plan/grid'
import { actSize, gridOverrides } from '../../src/plan/gridshape'
import { envSlots, gridSlots, policySlots } from '../../src/plan/kernels'
import { planRun } from '../../src/plan/runplan'
import type { RecordLayout } from '../../src/plan/transition'
import { newEpisodeRecord } from '../../src/reference/episode_stats'
import { gridRollout } from '../../src/reference/grid_rollout'
import { observeEnvs } from '../../src/reference/observe_envs'
import { makeRollout } from '../../src/reference/rollout'
import { gridEnv } from '../support/grid_env'
import {
  columnOf,
  endFlags,
  expectCaught,
  expectClose,
  expectUntouched,
  hyperOf,
  isField,
  makeRecords,
  pick,
  progressOf,
  randomNumbers,
  runKernel,
  structsOf,
  unwrittenWords,
} from '../support/kernel'
import { asEpisode, episodeNumbers, numbersOf, running } from './envs'

// As in rollouts.ts: networks round to some 1e-6, advantages add up to 7 steps of them.
const LIMIT = { atol: 1e-5, rtol: 1e-6 }
const SUMS = { atol: 3e-5, rtol: 1e-6 }
const EXACT = { atol: 0, rtol: 0 }
const NUM_STEPS = 7
// The first agent treats a time limit as an end, the second is halted.
const AGENTS = [
  { gamma: 0.9, gaeLambda: 0.8, bootstrapTruncated: false },
  { gamma: 0.5, gaeLambda: 0.5, bootstrapTruncated: true },
  { gamma: 0.99, gaeLambda: 0.95, bootstrapTruncated: true },
]
const ITERATIONS = [0, 3, 5]
const LIVE = [0, 2]
const BUFFERS = ['env_states', 'episodes', 'transitions', 'observations', 'final_observations']

interface Case {
  storage: GridStorage
  shape: GridSpace['shape']
  options: PpoOptions
  numEnvs: number
  rows: number
}

function randomParams(layout: NetworkLayout, random: () => number): Float64Array {
  const params = new Float64Array(layout.paramStride)
  forEachParam(layout, (_, [, ...inputs], __, at) => {
    params[at] = Math.fround(
      inputs.length === 0 ? 0.2 * random() : (1.5 * random()) / Math.sqrt(inputs.reduce((a, b) => a * b)),
    )
  })
  return params
}

/** Environments at every length of episode, and the twin's rollout of the two agents that run. */
function prepare({ storage, shape: map, options, numEnvs, rows }: Case) {
  const spec = gridEnv(storage, map, { maxEpisodeSteps: 3, ending: 0.2 }) as unknown as EnvSpec
  const sizes = { numAgents: 3, numEnvs, numSteps: NUM_STEPS, numMinibatches: 1, normAdv: false }
  const config = resolveConfig({}, { ...sizes, ...options, plan: 'fused' }, spec)
  const shape = networkShape(spec, config)
  const planned = planRun({ software: true, quads: 1, limits: ORDINARY_LIMITS }, { spec, shape, config })
  const run = { ...planned, grid: { rows, actSize: actSize(planned.layout, rows), threads: 4 } }
  const slots = { ...policySlots(shape), ...envSlots(spec, { frames: config.frameStack }), ...gridSlots({ rows }) }
  const structs = structsOf('grid_rollout', slots)
  const random = randomNumbers(numEnvs * 100 + rows)
  const number = (n: number) => Math.floor(((random() + 1) / 2) * n)
  const { frameStack: frames } = config
  const { stackWords } = gridWords(spec, frames)
  const obsStride = run.layout.actor[0].inStride
  const batch = NUM_STEPS * numEnvs
  const scale = storage === 'bytes' ? 255 : 1
  const agents = AGENTS.map((hyper, agent) => {
    const params = randomParams(run.layout, random)
    const twin = makeRollout(spec, run.layout, NUM_STEPS, numEnvs, 1)
    twin.slots = Array.from({ length: numEnvs }, (_, env) => ({
      state: { place: number(32), time: number(9), mark: number(64) },
      episode: { ...newEpisodeRecord(), episodicReturn: Math.fround(random()), episodicLength: env % 3 },
      params: {},
      standsStill: false,
    })) as unknown as typeof twin.slots
    const before = structuredClone(twin.slots)
    observeEnvs(spec, twin.slots, twin.obs, batch * obsStride, obsStride, null, frames, true)
    const [advantages, returns] = [new Float64Array(batch), new Float64Array(batch)]
    gridRollout(spec, run.layout, params, 11 + agent, ITERATIONS[agent], hyper, twin, advantages, returns)
    return { params, before, twin, advantages, returns }
  })
  /** The words of observations of the twin. */
  const wordsOf = (obs: Float64Array, n: number): Uint32Array => {
    const words = new Uint32Array(n * stackWords)
    const entries = obs.map((x) => Math.round(x * scale))
    for (let i = 0; i < n; i++) packEntries(storage, entries, i * obsStride, shape.obsDim, words, i * stackWords)
    return words
  }
  const perAgent = (NUM_STEPS + 1) * numEnvs
  const observations = unwrittenWords(3 * perAgent * stackWords)
  for (const [agent, { twin }] of agents.entries()) {
    observations.set(wordsOf(twin.obs.subarray(0, numEnvs * obsStride), numEnvs), agent * perAgent * stackWords)
  }
  const all = agents.flatMap(({ before }) => before)
  const buffers = {
    hyper: hyperOf(structs, AGENTS, spec),
    progress: progressOf(
      structs,
      ITERATIONS.map((iteration, agent) => ({ seed: 11 + agent, iteration, status: agent === 1 ? 1 : 0 })),
    ),
    parameters: Float32Array.from(agents.flatMap(({ params }) => [...params])),
    ...running(structs, all),
    transitions: makeRecords(shape, 3 * perAgent),
    observations,
    final_observations: unwrittenWords(3 * batch * stackWords),
  }
  return { spec, shape, run, slots, structs, agents, buffers, wordsOf, stackWords, batch, perAgent, obsStride }
}

type Prepared = ReturnType<typeof prepare>

/** The dispatches of the rollout, one after the other, each on what the one before wrote. */
async function launch({ run, slots, buffers }: Prepared, flopsPerDispatch = Number.POSITIVE_INFINITY, threads = 4) {
  let state: typeof buffers = buffers
  const steps = rollout({ ...run, flopsPerDispatch }).filter(({ stem }) => stem === 'grid_rollout')
  for (const { stem, args, workgroups } of steps) {
    const overrides = gridOverrides({ ...run.grid, threads })[stem]
    state = {
      ...state,
      ...(await runKernel({ stem, slots, overrides, args, workgroups, buffers: state, outputs: BUFFERS })),
    }
  }
  return { after: state, dispatches: steps.length }
}

async function check(c: Case) {
  const prepared = prepare(c)
  const { shape, structs, agents, buffers, wordsOf, stackWords, batch, perAgent, obsStride } = prepared
  const { numEnvs } = c
  const { after } = await launch(prepared)
  const ends = [0, 0, 0, 0]
  const observed = buffers.observations.slice()
  const last = buffers.final_observations.slice()
  for (const agent of LIVE) {
    const { twin, advantages, returns } = agents[agent]
    const name = `grid_rollout(agent ${agent})`
    const compare = (field: keyof RecordLayout, rows: number, want: ArrayLike<number>, limit = LIMIT) => {
      const got = columnOf(shape, after.transitions, field, rows, agent * perAgent)
      expectClose(`${name}.${field}`, got, want, {
        ...limit,
        dims: { step: rows / numEnvs, env: numEnvs, entry: got.length / rows },
      })
      if (limit.atol > 0) expectCaught(`${name}.${field}`, got, want, limit)
    }
    const out = pick(twin.out, batch * 3, (i) => Math.floor(i / 3) * twin.outStride + (i % 3))
    compare('flags', batch, endFlags(twin.terminated, twin.truncated), EXACT)
    compare('action', batch, twin.actions, EXACT)
    compare('reward', batch, twin.rewards, EXACT)
    compare('oldOut', batch, out)
    compare('logprob', batch, twin.logprobs)
    compare('value', perAgent, twin.values)
    compare('advantage', batch, advantages, SUMS)
    compare('return', batch, returns, SUMS)
    const words = structs.words('EnvState')
    const states = after.env_states.subarray(agent * numEnvs * words, (agent + 1) * numEnvs * words)
    expectClose(
      `${name}.env_states`,
      states,
      twin.slots.flatMap(({ state }) => numbersOf(state)),
      EXACT,
    )
    for (let env = 0; env < numEnvs; env++) {
      const got = episodeNumbers(structs.read('Episode', after.episodes, agent * numEnvs + env))
      expectClose(`${name}.episodes[${env}]`, got, episodeNumbers(asEpisode(twin.slots[env].episode) as never), SUMS)
    }
    observed.set(wordsOf(twin.obs, perAgent), agent * perAgent * stackWords)
    for (let i = 0; i < batch; i++) {
      const kind = twin.terminated[i] + 2 * twin.truncated[i]
      ends[kind]++
      if (kind === 0) continue
      const at = agent * batch + i
      last.set(wordsOf(twin.finalObs.subarray(i * obsStride, (i + 1) * obsStride), 1), at * stackWords)
      const got = columnOf(shape, after.transitions, 'finalValue', 1, agent * perAgent + i)
      if (kind === 2 && AGENTS[agent].bootstrapTruncated) {
        expectClose(`${name}.finalValue[${i}]`, got, [twin.finalValues[i]], LIMIT)
      }
    }
  }
  // Exactly the words of the twin, and nothing else: of the agent that is halted nothing at all.
  expectUntouched('observations', after.observations, observed)
  expectUntouched('final_observations', after.final_observations, last)
  const live = (index: number, of: number) => LIVE.includes(Math.floor(index / of))
  const fields: (keyof RecordLayout)[] = [
    'oldOut',
    'action',
    'logprob',
    'advantage',
    'return',
    'reward',
    'flags',
    'finalValue',
  ]
  const steps = isField(shape, fields, (row) => live(row, perAgent) && row % perAgent < batch)
  const values = isField(shape, ['value'], (row) => live(row, perAgent))
  expectUntouched('transitions', after.transitions, buffers.transitions, (i) => steps(i) || values(i))
  for (const [name, struct] of [
    ['env_states', 'EnvState'],
    ['episodes', 'Episode'],
  ] as const) {
    expectUntouched(name, after[name], buffers[name], (i) => live(i, numEnvs * structs.words(struct)))
  }
  return { prepared, after, ends }
}

test('bits, odd channels, all kinds of layers, 7 environments of two networks; cuts, threads, rows change no bit', async () => {
  const network = 'conv(5,2,1,1),elu,max_pool(2,1),conv(6,3,2,1),tanh,avg_pool(2,1),flatten,dense(7),relu'
  const c: Case = { storage: 'bits', shape: [4, 5, 3], options: { network }, numEnvs: 7, rows: 3 }
  const { prepared, after, ends } = await check(c)
  expect(Math.min(...ends)).toBeGreaterThan(2)
  const { dispatches, after: cut } = await launch(prepared, 1)
  expect(dispatches).toBe(3 * NUM_STEPS)
  expect(cut).toEqual(after)
  expect((await launch(prepared, Number.POSITIVE_INFINITY, 7)).after).toEqual(after)
  const other = prepare({ ...c, rows: 1 })
  expect((await launch({ ...prepared, run: other.run, slots: other.slots })).after).toEqual(after)
})

test('stacked bytes and a shared trunk, 5 environments', async () => {
  const options: PpoOptions = { network: 'conv(9,3),silu,flatten,dense(33),tanh', sharedTrunk: true, frameStack: 2 }
  const { ends } = await check({ storage: 'bytes', shape: [5, 4, 1], options, numEnvs: 5, rows: 4 })
  expect(Math.min(...ends)).toBeGreaterThan(0)
})

test('dense layers alone, one environment of one entry', async () => {
  await check({ storage: 'bits', shape: [1, 1, 1], options: { hidden: [5] }, numEnvs: 1, rows: 1 })
})
