/**
 * Shared by the tests of fused_rollout and quad_rollout: environments at every stage, and the comparison with the twin.
 */
import { expect, test } from 'vitest'
import type { EnvSpec } from '../../src/env/contract'
import type { NetworkShape } from '../../src/model/network'
import { rollout } from '../../src/plan/fused'
import type { FusedShape } from '../../src/plan/fusedshape'
import { envSlots, policySlots, quadSlots } from '../../src/plan/kernels'
import { type RecordLayout, recordLayout } from '../../src/plan/transition'
import { newEpisodeRecord } from '../../src/reference/episode_stats'
import { fusedRollout } from '../../src/reference/fused_rollout'
import { makeLayerBuffers, mlpForward } from '../../src/reference/mlp'
import { observeEnvs } from '../../src/reference/observe_envs'
import { makeRollout } from '../../src/reference/rollout'
import {
  columnOf,
  endFlags,
  expectCaught,
  expectClose,
  expectUntouched,
  hyperOf,
  isField,
  makeRecords,
  packedMasks,
  pick,
  progressOf,
  randomNumbers,
  structsOf,
  unwritten,
} from '../support/kernel'
import { asEpisode, episodeNumbers, numbersOf, running } from './envs'
import { type Cuts, forForm, fusedRun, randomParams, runSteps, type StirState, stirEnv, type TestRun } from './fused'

// Networks of up to three layers round to some 1e-6; the environment halves the errors of earlier steps.
const LIMIT = { atol: 1e-5, rtol: 1e-6 }
// Advantages and returns add up to 7 steps of them, with values and rewards up to 5.
const SUMS = { atol: 3e-5, rtol: 1e-6 }
const MAX_EPISODE_STEPS = 3
const NUM_STEPS = 7

// The first agent treats a time limit as an end, the second is halted.
const AGENTS = [
  { gamma: 0.9, gaeLambda: 0.8, bootstrapTruncated: false },
  { gamma: 0.5, gaeLambda: 0.5 },
  { gamma: 0.99, gaeLambda: 0.95, bootstrapTruncated: true },
]
const ITERATIONS = [0, 3, 5]
const LIVE = [0, 2]

export const TILES: Cuts = {
  ...{ tile: 16, actSize: 1, rowsPerPartial: 16, gradientThreads: 4 },
  ...{ envTile: 16, valueRows: 16, envActSize: 16 * 105, rolloutThreads: 4 },
}

export const QUADS: Cuts = {
  ...{ ...TILES, envTile: 4 },
  quads: true,
}

interface Case {
  shape: NetworkShape
  numEnvs: number
  form: Cuts
  cuts?: Partial<Cuts>
}

const STATE_BUFFERS = ['env_states', 'episodes', 'final_obs', 'transitions']

/** Environments at every count and length of episode: ends of all kinds on the first and the last step, and between. */
function prepare({ shape: wanted, numEnvs, form, cuts }: Case) {
  const shape = forForm(wanted, form)
  const spec = stirEnv(
    shape.obsDim,
    shape.actionDim,
    shape.dist === 'categorical' ? 'discrete' : 'box',
    MAX_EPISODE_STEPS,
  )
  const run = fusedRun(
    shape,
    { numAgents: 3, numEnvs, numSteps: NUM_STEPS, numMinibatches: 1 },
    { ...form, ...cuts },
    spec,
  )
  const stem = form.quads ? 'quad_rollout' : 'fused_rollout'
  const quads = run.fused.quads ? quadSlots(stem, run.fused.quads) : {}
  const slots = { ...policySlots(shape), ...envSlots(spec), ...quads }
  const structs = structsOf(stem, slots)
  const random = randomNumbers(numEnvs * 100 + shape.obsDim)
  const { obsStride } = recordLayout(shape)
  const agents = AGENTS.map(() => ({
    params: randomParams(run.layout, random),
    envs: Array.from({ length: numEnvs }, (_, env) => ({
      state: { x: random(), count: Math.floor(env / 3) % 4 },
      episode: { ...newEpisodeRecord(), episodicReturn: random(), episodicLength: (env + 2) % 3 },
    })),
  }))
  const all = agents.flatMap(({ envs }) => envs)
  const rows = 3 * (NUM_STEPS + 1) * numEnvs
  const transitions = makeRecords(shape, rows)
  const finalObs = unwritten(3 * NUM_STEPS * numEnvs * obsStride)
  // The padding of observations is zero from the beginning; everything else is written before it is read.
  const padding = (data: Float32Array, stride: number, n: number) => {
    for (let i = 0; i < n; i++) data.fill(0, i * stride + shape.obsDim, i * stride + obsStride)
  }
  padding(transitions, recordLayout(shape).stride, rows)
  padding(finalObs, obsStride, 3 * NUM_STEPS * numEnvs)
  const buffers = {
    hyper: hyperOf(structs, AGENTS),
    progress: progressOf(
      structs,
      ITERATIONS.map((iteration, agent) => ({ seed: 11 + agent, iteration, status: agent === 1 ? 1 : 0 })),
    ),
    parameters: Float32Array.from(agents.flatMap(({ params }) => [...params])),
    ...running(structs, all),
    final_obs: finalObs,
    transitions,
  }
  return { stem, spec, run, slots, structs, agents, buffers }
}

type Prepared = ReturnType<typeof prepare>

const launch = (
  { run, slots, buffers }: Prepared,
  maxFlops = Number.POSITIVE_INFINITY,
  cut: Partial<FusedShape> = {},
) => {
  const changed: TestRun = { ...run, fused: { ...run.fused, ...cut } }
  return runSteps(changed, rollout({ ...changed, flopsPerDispatch: maxFlops }), slots, buffers, STATE_BUFFERS)
}

/** The same run by quads with a dispatch for each step, whose kernel has another text. */
function withStepsAlone(prepared: Prepared): Prepared {
  const quads = { ...prepared.run.fused.quads!, stepsAlone: true }
  const run = { ...prepared.run, fused: { ...prepared.run.fused, quads } }
  return { ...prepared, run, slots: { ...prepared.slots, ...quadSlots(prepared.stem, quads) } }
}

async function check(c: Case) {
  const prepared = prepare(c)
  const { stem, spec, run, structs, agents, buffers } = prepared
  const { shape, numEnvs } = c
  const { obsStride, outStride } = recordLayout(shape)
  const after = (await launch(prepared)) as typeof buffers
  const agentRows = (NUM_STEPS + 1) * numEnvs
  const batch = NUM_STEPS * numEnvs
  const finals = new Set<number>()
  const ends = [0, 0, 0, 0]
  const sawEnds = { first: 0, last: 0, several: 0 }
  for (const agent of LIVE) {
    const { params, envs } = agents[agent]
    const rollout = makeRollout(spec as EnvSpec<StirState & Record<string, number>>, run.layout, NUM_STEPS, numEnvs, 1)
    rollout.slots = structuredClone(envs).map((slot) => ({ ...slot, params: {} }))
    observeEnvs(spec, rollout.slots, rollout.obs, batch * obsStride, obsStride)
    const advantages = new Float64Array(batch)
    const returns = new Float64Array(batch)
    const hyper = { bootstrapTruncated: true, ...AGENTS[agent] }
    const f64 = Float64Array.from(params)
    fusedRollout(
      spec as never,
      run.layout,
      f64,
      11 + agent,
      ITERATIONS[agent],
      hyper,
      rollout as never,
      advantages,
      returns,
    )
    const name = `${stem}(agent ${agent})`
    const compare = (field: keyof RecordLayout, rows: number, want: ArrayLike<number>, limit = LIMIT) => {
      const got = columnOf(shape, after.transitions, field, rows, agent * agentRows)
      const dims = { step: rows / numEnvs, env: numEnvs, entry: got.length / rows }
      expectClose(`${name}.${field}`, got, want, { ...limit, dims })
      if (limit.atol > 0) expectCaught(`${name}.${field}`, got, want, limit)
    }
    const unpadded = (data: Float64Array, stride: number, width: number, rows: number) =>
      pick(data, rows * width, (i) => Math.floor(i / width) * stride + (i % width))
    const exact = { atol: 0, rtol: 0 }
    compare('flags', batch, endFlags(rollout.terminated, rollout.truncated), exact)
    if (rollout.masks) compare('mask', batch, packedMasks(shape, rollout.masks), exact)
    if (shape.dist !== 'gaussian') compare('action', batch, rollout.actions, exact)
    else {
      compare('action', batch, unpadded(rollout.actions, outStride, shape.actionDim, batch))
      const logStd = pick(f64, batch * shape.actionDim, (i) => run.layout.own + (i % shape.actionDim))
      compare('oldOwn', batch, logStd, exact)
    }
    compare('obs', agentRows, unpadded(rollout.obs, obsStride, shape.obsDim, agentRows))
    compare('oldOut', batch, unpadded(rollout.out, outStride, shape.actionDim, batch))
    compare('logprob', batch, rollout.logprobs)
    compare('reward', batch, rollout.rewards)
    compare('value', agentRows, rollout.values)
    compare('advantage', batch, advantages, SUMS)
    compare('return', batch, returns, SUMS)

    const words = structs.words('EnvState')
    const states = new Float32Array(after.env_states.buffer).subarray(agent * numEnvs * words)
    expectClose(
      `${name}.env_states`,
      states.subarray(0, numEnvs * words),
      rollout.slots.flatMap(({ state }) => numbersOf(state)),
      { ...LIMIT, dims: { env: numEnvs, field: words } },
    )
    for (let env = 0; env < numEnvs; env++) {
      const got = episodeNumbers(structs.read('Episode', after.episodes, agent * numEnvs + env))
      const want = episodeNumbers(asEpisode(rollout.slots[env].episode) as never)
      expectClose(`${name}.episodes[${env}]`, got, want, SUMS)
      const cut = Array.from({ length: NUM_STEPS }, (_, t) => rollout.truncated[t * numEnvs + env])
      sawEnds.first += cut[0]
      sawEnds.last += cut[NUM_STEPS - 1]
      sawEnds.several = Math.max(
        sawEnds.several,
        cut.reduce((a, b) => a + b, 0),
      )
    }
    for (let i = 0; i < batch; i++) {
      const kind = rollout.terminated[i] + 2 * rollout.truncated[i]
      ends[kind]++
      if (kind === 0) continue
      const at = (agent * batch + i) * obsStride
      // The last observation of an episode is not part of the rollout; it is needed for its value.
      if (kind === 2) {
        const value = criticValue(prepared, agent, after.final_obs.subarray(at, at + obsStride))
        expectClose(`${name}.final_obs[${i}]`, [value], [rollout.finalValues[i]], LIMIT)
        const got = columnOf(shape, after.transitions, 'finalValue', 1, agent * agentRows + i)
        if (hyper.bootstrapTruncated) expectClose(`${name}.finalValue[${i}]`, got, [rollout.finalValues[i]], LIMIT)
      }
      for (let k = 0; k < shape.obsDim; k++) finals.add(at + k)
    }
  }
  const live = (index: number, perAgent: number) => LIVE.includes(Math.floor(index / perAgent))
  const inBatch = (row: number) => live(row, agentRows) && row % agentRows < batch
  const fields: (keyof RecordLayout)[] = ['oldOut', 'action', 'logprob', 'advantage', 'return', 'reward', 'flags']
  const own: (keyof RecordLayout)[] = shape.dist === 'gaussian' ? ['oldOwn'] : []
  const steps = isField(shape, [...fields, ...own, 'finalValue'], inBatch)
  const mask: (keyof RecordLayout)[] = shape.masked ? ['mask'] : []
  const everywhere = isField(shape, ['obs', 'value', ...mask], (row) => live(row, agentRows))
  expectUntouched('transitions', after.transitions, buffers.transitions, (i) => steps(i) || everywhere(i))
  expectUntouched('final_obs', after.final_obs, buffers.final_obs, (i) => finals.has(i))
  for (const [name, struct] of [
    ['env_states', 'EnvState'],
    ['episodes', 'Episode'],
  ] as const) {
    expectUntouched(name, after[name], buffers[name], (i) => live(i, numEnvs * structs.words(struct)))
  }
  return { ends, sawEnds, after, prepared }
}

/** V of one observation, on the CPU. */
function criticValue({ run, agents }: Prepared, agent: number, obs: Float32Array): number {
  const { critic } = run.layout
  const outputs = makeLayerBuffers(critic, 1)
  return mlpForward(critic, Float64Array.from(agents[agent].params), obs, 1, outputs)[0]
}

const wide: NetworkShape = {
  ...{ obsDim: 20, actionDim: 7, dist: 'categorical', activation: 'relu' },
  ...{ actorHidden: [128, 64, 33], criticHidden: [48, 100] },
}

/** The tests of one of the two kernels. Networks are arguments: few kernels are compiled. */
export function testRollout(form: Cuts): void {
  test('20 observations, 7 actions: 65, 3 and 1 environments; networks of 1 to 3 hidden layers', async () => {
    const { ends, sawEnds } = await check({ shape: wide, numEnvs: 65, form })
    // The plan of the test: every kind of end, truncations on the first and the last step and several in one environment.
    expect(Math.min(...ends)).toBeGreaterThan(20)
    expect(sawEnds.first).toBeGreaterThan(5)
    expect(sawEnds.last).toBeGreaterThan(5)
    expect(sawEnds.several).toBeGreaterThan(1)
    await check({ shape: { ...wide, actorHidden: [1], criticHidden: [33], activation: 'tanh' }, numEnvs: 3, form })
    await check({ shape: { ...wide, actorHidden: [48, 48], criticHidden: [1, 1, 1] }, numEnvs: 1, form })
    await check({
      shape: { ...wide, actorHidden: [48, 33], criticHidden: [1, 64], activation: 'silu' },
      numEnvs: 5,
      form,
    })
  })

  test('gaussian, 5 observations, 6 actions; cuts and threads change no bit', async () => {
    const shape: NetworkShape = { ...wide, obsDim: 5, actionDim: 6, dist: 'gaussian', activation: 'tanh' }
    const envTile = form.quads ? 4 : 8
    const { after, prepared } = await check({ shape, numEnvs: 19, form, cuts: { envTile } })
    const cut = (maxFlops: number) => rollout({ ...prepared.run, flopsPerDispatch: maxFlops })
    const [whole] = cut(Number.POSITIVE_INFINITY)
    for (const [maxFlops, dispatches] of [
      [Number.POSITIVE_INFINITY, 1],
      [0.7 * whole.flops!, 2], // most of the ranges of environments, then the rest
      [1, Math.ceil(19 / envTile) * NUM_STEPS], // every range and every step
    ]) {
      expect(cut(maxFlops)).toHaveLength(dispatches)
      expect(await launch(prepared, maxFlops)).toEqual(after)
    }
    // Two quads in a workgroup, as on lavapipe: of the third workgroup one has no environments.
    for (const maxFlops of form.quads ? [Number.POSITIVE_INFINITY, 1] : []) {
      expect(await launch(prepared, maxFlops, { together: 2 })).toEqual(after)
    }
    if (form.quads) {
      const alone = withStepsAlone(prepared)
      for (const [maxFlops, ranges] of [
        [Number.POSITIVE_INFINITY, 1],
        [1, Math.ceil(19 / envTile)],
      ]) {
        expect(rollout({ ...alone.run, flopsPerDispatch: maxFlops })).toHaveLength(ranges * (NUM_STEPS + 1))
        expect(await launch(alone, maxFlops)).toEqual(after)
      }
      return
    }
    expect(await launch(prepared, Number.POSITIVE_INFINITY, { rolloutThreads: 7 })).toEqual(after)
  })
}

/** Slow tests: further kernels are compiled. */
export function testMoreRollouts(form: Cuts): void {
  test('shared trunk', async () => {
    const trunk = { ...wide, sharedTrunk: true, actorHidden: [64, 33], criticHidden: [64, 33] }
    await check({ shape: trunk, numEnvs: 65, form })
    const gaussian: NetworkShape = { ...trunk, ...{ obsDim: 5, actionDim: 6, dist: 'gaussian', activation: 'silu' } }
    const { after, prepared } = await check({ shape: gaussian, numEnvs: 19, form })
    expect(await launch(prepared, 1)).toEqual(after) // every range and every step on its own
    if (form.quads) expect(await launch(withStepsAlone(prepared))).toEqual(after)
  })

  test('gaussian, 1 observation, 1 action', async () => {
    const shape: NetworkShape = { ...wide, obsDim: 1, actionDim: 1, dist: 'gaussian', activation: 'tanh' }
    await check({ shape: { ...shape, actorHidden: [64, 64], criticHidden: [64, 64] }, numEnvs: 65, form })
  })
}
