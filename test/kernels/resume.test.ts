import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import type { TrainArgs } from '../../harness/protocol/protocol'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import type { PpoOptions } from '../../src/config/config'
import { networkShape } from '../../src/model/network'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'
import { differences, trainInPage } from '../support/train'
import { batch, configured, easy, LONG, SHORT, small, statuses, TIMEOUT, testPieces, unstopped } from './resume'

testPieces([
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
  ['Acrobot-v1', 'layered, early stop', { plan: 'layered', targetKl: 1e-4, annealClipCoef: true }, [5]],
])

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

describe('a run that solved its environment goes on with more timesteps', { timeout: TIMEOUT }, () => {
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
  const config = small(env, { plan: 'layered', normObs: true, normReward: true })
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
