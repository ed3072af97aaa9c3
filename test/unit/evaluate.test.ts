/** Episodes with drawn actions, and the choice of the best of several agents. */
import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { UsageError } from '../../harness/cli/errors'
import { choosePolicy } from '../../harness/policies/best'
import { drawnActions, evaluatePolicy } from '../../harness/policies/evaluate'
import type { PoliciesOnDisk } from '../../harness/policies/policyfile'
import type { EnvSpec } from '../../src/env/contract'
import { makeRng, normalPair, STREAM, uniform } from '../../src/env/rng'
import { asDense } from '../../src/model/layers'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { makePolicy } from '../../src/policy/policy'
import type { PolicyData } from '../../src/policy/policyfile'

const SHAPES = {
  'CartPole-v1': { obsDim: 4, actionDim: 2, dist: 'categorical' },
  'Pendulum-v1': { obsDim: 3, actionDim: 1, dist: 'gaussian' },
} as const

/** A policy of zeros whose head has these biases: logits, or means; `logStd` of a Gaussian. */
function policy(env: keyof typeof SHAPES, biases: number[], logStd = 0): PolicyData {
  const shape: NetworkShape = { ...SHAPES[env], actorHidden: [4], criticHidden: [4], activation: 'tanh' }
  const layout = layoutNetwork(shape)
  const params = new Float32Array(layout.paramStride)
  params.set(biases, asDense(layout.actor.at(-1)!).bias)
  if (layout.own >= 0) params[layout.own] = logStd
  return { env, environment: null, origin: null, shape, params, normaliser: null, actionScale: null }
}
const play = (data: PolicyData, episodes: number, seed: number, drawn: boolean) => {
  const act = drawn ? drawnActions(data, seed) : undefined
  return evaluatePolicy(findEnv(data.env), makePolicy(data), episodes, seed, act)
}

describe('drawn actions', () => {
  const places = [0, 1, 7, 499].flatMap((step) => [0, 3, 99].map((env) => [step, env]))

  test('discrete: the first action whose cumulative probability passes the number of stream ACTION', () => {
    const probability = 1 / (1 + Math.exp(0.7)) // of action 0, with logits 0 and 0.7
    const act = drawnActions(policy('CartPole-v1', [0, 0.7]), 42)
    const wanted = places.map(([step, env]) => Number(uniform(makeRng(42, step, STREAM.ACTION, env)) >= probability))
    expect(places.map(([step, env]) => act(new Float64Array(4), step, env)[0])).toEqual(wanted)
    expect(new Set(wanted).size).toBe(2)
  })

  test('of a box: the mean plus the deviation times the normal number of stream ACTION', () => {
    const act = drawnActions(policy('Pendulum-v1', [0.25], Math.log(0.5)), 42)
    for (const [step, env] of places) {
      const [normal] = normalPair(makeRng(42, step, STREAM.ACTION, env))
      expect(act(new Float64Array(3), step, env)[0]).toBeCloseTo(0.25 + 0.5 * normal, 7)
    }
  })

  test('of a scaled box: the same, in the units of the environment', () => {
    const plain = policy('Pendulum-v1', [0.25], Math.log(0.5))
    const obs = new Float64Array(3)
    const [drawn] = drawnActions(plain, 42)(obs, 7, 3)
    const act = drawnActions({ ...plain, actionScale: { low: [-2], high: [6] } }, 42)
    expect(act(obs, 7, 3)[0]).toBeCloseTo(2 + 4 * drawn, 12)
  })

  test.each([
    ['CartPole-v1', policy('CartPole-v1', [0, 1]), policy('CartPole-v1', [0, 1000])],
    ['Pendulum-v1', policy('Pendulum-v1', [0.5], 0), policy('Pendulum-v1', [0.5], -20)],
  ] as const)(
    '%s: the same again for the same seed; those of a policy that is sure are the deterministic ones',
    (_, free, sure) => {
      const drawn = play(free, 20, 5, true)
      expect(play(free, 20, 5, true)).toEqual(drawn)
      expect(play(free, 20, 6, true)).not.toEqual(drawn)
      expect(play(free, 20, 5, false)).not.toEqual(drawn)
      // An episode depends on its own index, not on the number of others.
      expect(play(free, 5, 5, true)).toEqual(drawn.slice(0, 5))
      const [a, b] = [true, false].map((random) => play(sure, 5, 5, random).map((episode) => episode.return))
      for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i], 5)
    },
  )

  test('a policy of equal chances balances as long as chance does', () => {
    const returns = play(policy('CartPole-v1', [0, 0]), 500, 1, true).map((episode) => episode.return)
    const mean = returns.reduce((a, b) => a + b, 0) / returns.length
    expect(mean).toBeGreaterThan(20) // Gymnasium's random policy: 22.2
    expect(mean).toBeLessThan(25)
  })
})

describe('the best of several agents', () => {
  const [push, alternate] = [policy('CartPole-v1', [0, 1]), policy('CartPole-v1', [0, 0])]
  // Pushes against the pole's velocity: balances longer than pushing one way.
  const weight = layoutNetwork(alternate.shape).actor.map((layer) => asDense(layer).weight)
  alternate.params[weight[0] + 3] = 1
  alternate.params[weight[0] + 2] = 1
  alternate.params[weight[1] + 4] = 1

  const of = (...policies: (PolicyData | null)[]): PoliciesOnDisk => ({
    numAgents: policies.length,
    read(agent) {
      const data = policies[agent]
      if (!data) throw new UsageError(`policy-${agent}: element 0 is NaN.`)
      return { file: `policy-${agent}`, policy: data }
    },
  })
  const chosen = (policies: PoliciesOnDisk, agent: number | 'best' | null) => {
    const said: string[] = []
    return { ...choosePolicy(policies, agent, { file: null, specs: [] }, (line) => said.push(line)), said }
  }

  test('is that with the highest mean; of equals the first', () => {
    expect(chosen(of(push, alternate, push), 'best')).toMatchObject({ agent: 1, numAgents: 3, file: 'policy-1' })
    expect(chosen(of(push, alternate, alternate), 'best').agent).toBe(1)
    expect(chosen(of(push, push), 'best').agent).toBe(0)
  })

  test('leaves out those that diverged, and tells', () => {
    const { agent, said } = chosen(of(null, push), 'best')
    expect(agent).toBe(1)
    expect(said[0]).toBe('WARNING: 1 left out, the first for this: policy-0: element 0 is NaN.')
    expect(() => chosen(of(null, null), 'best')).toThrow('--agent best: no agent has a policy that can be used.')
  })

  test('without --agent: the first, and that there are others', () => {
    expect(chosen(of(push, alternate), null)).toMatchObject({
      agent: 0,
      said: ['Agent 0 of 2. For another one give --agent K, for the best of them --agent best.'],
    })
    expect(chosen(of(push), null).said).toEqual([])
    expect(chosen(of(push), 'best')).toMatchObject({ agent: 0, said: [] })
    expect(chosen(of(push, alternate), 1)).toMatchObject({ agent: 1, said: [] })
  })
})

describe('without a time limit', () => {
  /** Ends after `steps` steps, and is in no state but their number. */
  const lasting = (steps: number, maxEpisodeSteps: number | null): EnvSpec => ({
    ...findEnv('CartPole-v1'),
    maxEpisodeSteps,
    twin: {
      reset: () => ({ x: 0 }),
      step: (state) => ({ reward: 1, terminated: ++state.x >= steps }),
      observe: (_, obs) => obs.fill(0),
    },
  })
  const played = (steps: number, limit: number | null) =>
    evaluatePolicy(lasting(steps, limit), { act: () => [0], shape: policy('CartPole-v1', [0, 0]).shape }, 2, 1)

  test('an episode ends after 100,000 steps, and says so; one that ends there by itself does not', () => {
    const capped = { return: 100_000, length: 100_000, capped: true, terminated: false }
    expect(played(100_001, null)).toMatchObject([capped, capped])
    expect(played(100_000, null)[0]).toMatchObject({ length: 100_000, capped: false, terminated: true })
    expect(played(9, 5)[0]).toMatchObject({ length: 5, capped: false })
  })
})
