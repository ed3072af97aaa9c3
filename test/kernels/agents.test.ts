/** Agents leave a population between two iterations, each with its own checkpoint, and go on in others. */
import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { joinCheckpoints, splitCheckpoint } from '../../src/checkpoint/agents'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import { joinAgents } from '../../src/options/population'
import { differences, type Trained, trainInPage } from '../support/train'
import { TIMEOUT } from './resume'

const [RUNG, ITERATIONS] = [3, 7]
const BATCH = 5 * 12
const LEARNING_RATES = [3e-3, 1e-3, 1e-2, 2e-4]

/** Of four agents, each alone: they differ in the seed, in swept options and in a parameter of the environment. */
const agentsOf = (env: string, more: PpoOptions): PpoConfig[] =>
  LEARNING_RATES.map((learningRate, k) => {
    const sizes = { numEnvs: 5, numSteps: 12, numMinibatches: 3, updateEpochs: 2, hidden: [7] }
    const own = { seed: 40 + 7 * k, learningRate, entCoef: k * 0.01, envParams: { gravity: 9 + k } }
    const evaluated = { evalEvery: 2, evalEpisodes: 3, normObs: true, normReward: true }
    const totalTimesteps = ITERATIONS * BATCH
    return resolveConfig({}, { ...sizes, ...evaluated, ...own, annealLr: true, totalTimesteps, ...more }, findEnv(env))
  })

/** Rows, weights, statistics and best policy of agent `k` of a run. */
function agentIn({ params, rows, normalisers, best }: Trained, k: number, numAgents: number) {
  const stride = params.length / numAgents
  return {
    params: params.slice(k * stride, (k + 1) * stride),
    rows: rows[k],
    normaliser: normalisers[k],
    best: best[k]?.evalReturnMean,
  }
}

const CASES: [env: string, plan: 'fused' | 'layered'][] = [
  ['CartPole-v1', 'fused'],
  ['Pendulum-v1', 'layered'],
]

describe('agents that change their population train as alone', { timeout: TIMEOUT }, () => {
  test.each(CASES)('%s, %s plan', async (env, plan) => {
    const spec = findEnv(env)
    const configs = agentsOf(env, { plan })
    const alone = []
    for (const config of configs) alone.push(agentIn(await trainInPage({ env, config }), 0, 1))

    const three = joinAgents(configs.slice(0, 3))
    const first = await trainInPage({ env, config: three, untilTimesteps: RUNG * BATCH })
    const one = await trainInPage({ env, config: configs[3], untilTimesteps: RUNG * BATCH })
    const left = [...splitCheckpoint(first.checkpoint!, spec), one.checkpoint!]
    expect(left.map((bytes) => readCheckpoint(bytes).config)).toEqual(configs)

    // In another order and size: agents 2, 3 and 0 with each other, agent 1 alone.
    for (const members of [[2, 3, 0], [1]]) {
      const from = joinCheckpoints(
        members.map((k) => left[k]),
        spec,
      )
      const config = joinAgents(members.map((k) => configs[k]))
      const run = await trainInPage({ env, config, from })
      for (const [at, k] of members.entries()) {
        const own = agentIn(run, at, members.length)
        expect(differences(own.params, alone[k].params)).toEqual([])
        const rows = [...(k === 3 ? one.rows[0] : first.rows[k]), ...own.rows]
        expect({ ...own, rows }).toEqual(alone[k])
      }
      const ends = splitCheckpoint(run.checkpoint!, spec).map((bytes) => readCheckpoint(bytes))
      expect(ends.map(({ config }) => config)).toEqual(members.map((k) => configs[k]))
    }
    // Control: another agent's end is another one.
    expect(differences(alone[0].params, alone[1].params)).not.toEqual([])
    expect(alone[0].rows).toHaveLength(ITERATIONS)
  })
})
