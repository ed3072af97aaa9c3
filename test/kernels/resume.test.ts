import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { findEnv } from '../../envs/registry'
import type { TrainArgs } from '../../harness/protocol/protocol'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import type { MetricsRow } from '../../src/metrics'
import { networkShape } from '../../src/model/network'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'
import { differences, type Trained, trainInPage } from '../support/train'

const ITERATIONS = 7
const TIMEOUT = 240_000

const small = (env: string, options: PpoOptions = {}): PpoConfig => {
  const sizes = { numEnvs: 6, numSteps: 16, numMinibatches: 2, updateEpochs: 2, hidden: [8, 8], seed: 5 }
  const config = { ...sizes, learningRate: 2e-3, ...options }
  return resolveConfig({}, { totalTimesteps: ITERATIONS * config.numEnvs * config.numSteps, ...config }, findEnv(env))
}

/** Trains to the end in pieces: up to each of `cuts` iterations, then from the checkpoint at that point. */
async function inPieces(env: string, config: PpoConfig, cuts: number[]): Promise<Trained> {
  const batch = config.numEnvs * config.numSteps
  let piece: Trained | undefined
  const rows: Trained['rows'] = Array.from({ length: config.numAgents }, () => [])
  for (const until of [...cuts, ITERATIONS]) {
    const from = piece?.checkpoint ?? undefined
    piece = await trainInPage({ env, config, from, untilTimesteps: until * batch })
    piece.rows.forEach((list, agent) => {
      rows[agent].push(...list)
    })
  }
  return { ...piece!, rows }
}

/** Environment, description, options, and the iterations after which the run stops and is resumed. */
const CASES: [string, string, PpoOptions, number[]][] = [
  ['CartPole-v1', 'fused', { plan: 'fused' }, [1, 3]],
  [
    'Pendulum-v1',
    'layered, two agents, normalised observations and rewards, penalty',
    {
      ...{ plan: 'layered', numAgents: 2, normObs: true, normReward: true, staggerEpisodes: true },
      ...{ algorithm: 'penalty', targetKl: 0.01 },
    },
    [2],
  ],
  [
    'MountainCarContinuous-v0',
    'fused, two agents, normalised observations, adaptive rate',
    { plan: 'fused', numAgents: 2, normObs: true, adaptiveLr: true, annealLr: false, desiredKl: 0.01 },
    [6],
  ],
  ['Acrobot-v1', 'layered, early stop', { plan: 'layered', targetKl: 1e-4, annealClipCoef: true }, [5]],
]

describe('stopping anywhere and going on gives the bits of a run that never stopped', { timeout: TIMEOUT }, () => {
  test.each(CASES)('%s: %s', async (env, _, options, cuts) => {
    const config = small(env, options)
    const whole = await trainInPage({ env, config })
    const pieces = await inPieces(env, config, cuts)
    expect(differences(pieces.params, whole.params)).toEqual([])
    expect(pieces.rows).toEqual(whole.rows)
    expect(pieces.normalisers).toEqual(whole.normalisers)
    const [a, b] = [whole, pieces].map(({ checkpoint }) => readCheckpoint(checkpoint!))
    expect(b.snapshot).toEqual(a.snapshot)
    expect(whole.rows[0]).toHaveLength(ITERATIONS)
  })
})

test('checkpoints come while training goes on, each with the bits of its iteration; a policy is in each', {
  timeout: TIMEOUT,
}, async () => {
  const env = 'CartPole-v1'
  const config = small(env, { numAgents: 2, normObs: true })
  const run = await trainInPage({ env, config, checkpointEvery: { iterations: 3 } })
  const given = run.events.flatMap((event) => (event.type === 'checkpoint' ? [event.bytes] : []))
  expect(given.length).toBeGreaterThan(0)
  for (const bytes of given) expect(readCheckpoint(bytes).snapshot.iterations % 3).toBe(0)
  const rest = await trainInPage({ env, config, from: given[0] })
  expect(differences(rest.params, run.params)).toEqual([])
  expect(rest.rows[0]).toEqual(run.rows[0].slice(readCheckpoint(given[0]).snapshot.iterations))
  const policy = loadPolicy(run.checkpoint!, 1)
  expect(policy.normaliser?.obs?.count).toBeGreaterThan(1)
  expect(policy.act([0.1, 0, 0.02, 0])).toHaveLength(1)
  expect(() => loadPolicy(run.checkpoint!, 2)).toThrow('agent 2: the checkpoint has 2, from 0.')
})

test('another total goes on from a finished run, without a schedule to the bits of a run of that length', {
  timeout: TIMEOUT,
}, async () => {
  const env = 'CartPole-v1'
  const long = small(env, { annealLr: false })
  const batch = long.numEnvs * long.numSteps
  const short = { ...long, totalTimesteps: 3 * batch }
  const [whole, first] = [await trainInPage({ env, config: long }), await trainInPage({ env, config: short })]
  expect(first.rows[0].at(-1)!.status).toBe('finished')
  const rest = await trainInPage({ env, config: long, from: first.checkpoint! })
  expect(differences(rest.params, whole.params)).toEqual([])
  expect(rest.rows[0]).toEqual(whole.rows[0].slice(3))

  const other = trainInPage({ env, config: { ...long, gamma: 0.9 }, from: first.checkpoint! })
  await expect(other).rejects.toThrow('config.gamma: 0.9, but the checkpoint was trained with 0.99.')
  const less = trainInPage({ env, config: { ...long, totalTimesteps: batch }, from: first.checkpoint! })
  await expect(less).rejects.toThrow('but the checkpoint has trained 288 already')
})

/** CartPole with a low threshold: an agent solves it when 100 episodes have ended, in different iterations. */
const easy = (threshold: number): EnvSpec => ({ ...cartPole, twin: undefined, rewardThreshold: threshold })

describe('a run that solved its environment goes on with more timesteps', { timeout: TIMEOUT }, () => {
  const sizes = { numEnvs: 32, numSteps: 16, numMinibatches: 2, updateEpochs: 1, hidden: [8], seed: 5 }
  const batch = sizes.numEnvs * sizes.numSteps
  const [SHORT, LONG] = [24 * batch, 30 * batch]
  const configured = (options: PpoOptions, spec: EnvSpec) =>
    resolveConfig({}, { ...sizes, learningRate: 5e-3, annealEntCoef: true, normObs: true, ...options }, spec)
  const statuses = (run: Trained) => run.rows.map((agent) => agent.at(-1)!.status)
  /** Rows of a run that was never told to stop. */
  const unstopped = (rows: MetricsRow[]) => rows.map((row) => ({ ...row, status: 'running' }))

  test('with the bits of one that was not told to stop', async () => {
    const spec = easy(25)
    const train = (options: PpoOptions, more: Partial<TrainArgs> = {}) =>
      trainInPage({ env: spec.id, spec, config: configured({ plan: 'fused', ...options }, spec), ...more })
    const solved = await train({ totalTimesteps: SHORT, stopWhenSolved: true })
    const at = solved.rows[0].length
    expect(statuses(solved)).toEqual(['solved'])
    expect(at).toBeLessThan(20)
    const untilTimesteps = at * batch
    const free = await train({ totalTimesteps: SHORT, stopWhenSolved: false }, { untilTimesteps })
    expect(unstopped(solved.rows[0])).toEqual(free.rows[0])

    const [rest, wanted] = [
      await train({ totalTimesteps: LONG, stopWhenSolved: true }, { from: solved.checkpoint! }),
      await train({ totalTimesteps: LONG, stopWhenSolved: false }, { from: free.checkpoint! }),
    ]
    expect(differences(rest.params, wanted.params)).toEqual([])
    expect(rest.rows).toEqual(wanted.rows)
    expect(rest.rows[0].at(-1)).toMatchObject({ iteration: 30, status: 'finished', solvedAt: untilTimesteps })
    expect(rest.normalisers).toEqual(wanted.normalisers)
    const [a, b] = [rest, wanted].map(({ checkpoint }) => readCheckpoint(checkpoint!, spec))
    expect(a.snapshot).toEqual(b.snapshot)
    expect(a.config).toEqual(b.config)
  })

  test('without a schedule: with the bits of one that had the longer end from the beginning', async () => {
    const spec = easy(25)
    const constant: PpoOptions = { plan: 'layered', annealLr: false, annealEntCoef: false }
    const train = (options: PpoOptions, from?: Uint8Array) =>
      trainInPage({ env: spec.id, spec, config: configured({ ...constant, ...options }, spec), from })
    const solved = await train({ totalTimesteps: SHORT, stopWhenSolved: true })
    expect(statuses(solved)).toEqual(['solved'])
    const rest = await train({ totalTimesteps: LONG, stopWhenSolved: true }, solved.checkpoint!)
    const whole = await train({ totalTimesteps: LONG, stopWhenSolved: false })
    expect(differences(rest.params, whole.params)).toEqual([])
    expect([...unstopped(solved.rows[0]), ...rest.rows[0]]).toEqual(whole.rows[0])
    const [a, b] = [rest, whole].map(({ checkpoint }) => readCheckpoint(checkpoint!, spec).snapshot)
    expect(a).toEqual(b)
  })

  test('several agents, stopped in different iterations: each with the bits of a run of its own; interrupted', async () => {
    const spec = easy(24)
    const population = { numAgents: 3, learningRate: [1e-4, 1e-3, 2e-2] }
    const train = (options: PpoOptions, more: Partial<TrainArgs> = {}) =>
      trainInPage({ env: spec.id, spec, config: configured({ plan: 'layered', ...options }, spec), ...more })
    const solved = await train({ ...population, totalTimesteps: SHORT, stopWhenSolved: true })
    const ends = solved.rows.map((rows) => rows.length)
    expect(new Set(ends).size, `${ends} ${statuses(solved)}`).toBeGreaterThan(1)
    expect(statuses(solved)).toContain('solved')

    const on = { ...population, totalTimesteps: LONG, stopWhenSolved: true }
    const rest = await train(on, { from: solved.checkpoint! })
    const first = ends.indexOf(Math.min(...ends))
    for (const k of [first, (first + 1) % 3]) {
      const learningRate = population.learningRate[k]
      const own = { seed: sizes.seed + k, learningRate, stopWhenSolved: false }
      const untilTimesteps = ends[k] * batch
      const before = await train({ ...own, totalTimesteps: SHORT }, { untilTimesteps })
      const last = await train({ ...own, totalTimesteps: LONG }, { from: before.checkpoint! })
      const stride = last.params.length
      expect(differences(rest.params.slice(k * stride, (k + 1) * stride), last.params), `agent ${k}`).toEqual([])
      expect(rest.rows[k]).toEqual(last.rows[0])
    }

    // Stopped while some agents are ahead of others, and resumed: the same rows, the same end.
    const slowest = Math.min(...ends)
    const half = await train(on, { from: solved.checkpoint!, untilTimesteps: (slowest + 4) * batch })
    expect(half.rows.map((rows) => rows.length)).toEqual(ends.map((end) => Math.min(4, 30 - end)))
    const again = await train({ ...on, stopWhenSolved: false }, { from: half.checkpoint! })
    expect(half.rows.map((rows, k) => [...rows, ...again.rows[k]])).toEqual(rest.rows)
    const [a, b] = [rest, again].map(({ checkpoint }) => readCheckpoint(checkpoint!, spec).snapshot)
    expect(b).toEqual(a)

    // A device lost during the run.
    const lost = await train(on, {
      from: solved.checkpoint!,
      loseDeviceAt: [slowest + 3],
      checkpointEvery: { iterations: 2 },
    })
    expect(lost.events.some(({ type }) => type === 'recovered')).toBe(true)
    expect(lost.rows).toEqual(rest.rows)
    expect(differences(lost.params, rest.params)).toEqual([])
  })
})

test('leaving the loop loses no row, and changes no bit', { timeout: TIMEOUT }, async () => {
  const env = 'CartPole-v1'
  const config = small(env)
  const each = { checkpointEvery: { iterations: 1 } } // so that several readbacks are in flight
  const whole = await trainInPage({ env, config })
  const left = await trainInPage({ env, config, ...each, leaveLoopAt: [1, 3] })
  expect(differences(left.params, whole.params)).toEqual([])
  expect(left.rows).toEqual(whole.rows)
})

test('a policy file begins a new run with its weights and statistics', { timeout: TIMEOUT }, async () => {
  const env = 'Pendulum-v1'
  const config = small(env, { normObs: true })
  const first = await trainInPage({ env, config })
  const from = policyFile(env, networkShape(findEnv(env), config), first.params, first.normalisers[0])
  const still = await trainInPage({ env, config: { ...config, learningRate: 0, numAgents: 2 }, from })
  for (const agent of [0, 1]) {
    const own = still.params.slice(agent * first.params.length, (agent + 1) * first.params.length)
    expect(differences(own, first.params)).toEqual([])
  }
  const counts = still.normalisers.map((normaliser) => normaliser!.obs!.count)
  for (const count of counts) expect(count).toBeCloseTo(2 * first.normalisers[0]!.obs!.count, 2)
  expect(still.rows[0].map(({ iteration }) => iteration)).toEqual(first.rows[0].map(({ iteration }) => iteration))

  const wider = trainInPage({ env, config: { ...config, hidden: [8, 9], actorHidden: null, criticHidden: null }, from })
  await expect(wider).rejects.toThrow('policy: actorHidden is [8,8] in the file (trained on Pendulum-v1), but [8,9]')
})
