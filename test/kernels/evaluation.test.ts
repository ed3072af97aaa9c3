/** Runs that are evaluated while they train: nothing of their training changes, and the evaluation is that of the twin. */
import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { evaluatePolicy } from '../../harness/policies/evaluate'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { type MetricsRow, NO_EVALUATION } from '../../src/metrics'
import { asActed } from '../../src/model/actions'
import { agentConfig } from '../../src/options/sweep'
import { loadPolicy } from '../../src/policy/policyfile'
import { evaluationSeed } from '../../src/reference/begin_evaluation'
import { evaluate } from '../../src/reference/evaluate'
import { layoutFor } from '../../src/reference/ppo'
import { expectClose } from '../support/kernel'
import { differences, type Trained, trainInPage } from '../support/train'

const ITERATIONS = 5
const EVERY = 2
const SIZES = { numEnvs: 8, numSteps: 16, numMinibatches: 2, updateEpochs: 2, hidden: [16], seed: 9, numAgents: 2 }
const configOf = (env: string, options: PpoOptions) =>
  resolveConfig({}, { ...SIZES, totalTimesteps: ITERATIONS * 8 * 16, learningRate: 3e-3, ...options }, findEnv(env))
const evaluated = { evalEvery: EVERY, evalEpisodes: 5 }

/** The state of training without the best policy. */
function trainedState({ checkpoint }: Trained) {
  const { iterations, buffers } = readCheckpoint(checkpoint!).snapshot
  const { best: _, best_parameters: __, best_statistics: ___, ...others } = buffers
  return { iterations, buffers: others }
}
const withoutEvaluation = (rows: MetricsRow[][]) =>
  rows.map((agent) => agent.map((row) => ({ ...row, ...NO_EVALUATION })))
const scores = (rows: MetricsRow[]) => rows.map(({ evalReturnMean }) => evalReturnMean)

/** The evaluation after the run's last iteration, against the twin's with its weights and statistics. */
function expectTwin(env: string, config: ReturnType<typeof configOf>, run: Trained): void {
  const spec = asActed(findEnv(env), config)
  const layout = layoutFor(spec, config)
  for (const [agent, rows] of run.rows.entries()) {
    const params = Float64Array.from(run.params.subarray(agent * layout.paramStride, (agent + 1) * layout.paramStride))
    const own = agentConfig(config, agent)
    const episodes = evaluate(spec, layout, params, run.normalisers[agent], own)
    const row = rows.at(-1)!
    expect(row.evalEpisodes).toBe(episodes.length)
    const returns = episodes.map((e) => e.return)
    const mean = returns.reduce((a, b) => a + b, 0) / returns.length
    const got = [row.evalReturnMean!, row.evalReturnMin!, row.evalReturnMax!]
    // Float32 on the GPU: the same actions, and sums of rewards that round.
    expectClose('evaluation.return', got, [mean, Math.min(...returns), Math.max(...returns)], {
      rtol: 1e-4,
      atol: 1e-4,
    })
    const lengths = episodes.map((e) => e.length)
    expectClose('evaluation.length', [row.evalLengthMean!], [lengths.reduce((a, b) => a + b, 0) / lengths.length])
    expect(row.evalCapped).toBe(episodes.filter((e) => e.capped).length)
  }
}

describe.each(['fused', 'layered'] as const)('an evaluated run, %s plan', { timeout: 120_000 }, (plan) => {
  const env = 'CartPole-v1'
  const options = {
    plan,
    normObs: true,
    normReward: true,
  }
  const config = configOf(env, { ...options, ...evaluated })

  test('has the bits of one that is not', async () => {
    const [on, off] = [await trainInPage({ env, config }), await trainInPage({ env, config: configOf(env, options) })]
    expect(differences(on.params, off.params)).toEqual([])
    expect(trainedState(on)).toEqual(trainedState(off))
    expect(withoutEvaluation(on.rows)).toEqual(off.rows)
    for (const rows of on.rows) {
      expect(rows.map(({ evalEpisodes }) => evalEpisodes)).toEqual([null, 5, null, 5, null])
    }
    expect(off.best).toEqual([])

    // The best of each agent is the first with the highest mean, and plays as it did.
    for (const [agent, best] of on.best.entries()) {
      const means = scores(on.rows[agent]).map((mean) => mean ?? -1)
      const first = means.indexOf(Math.max(...means)) + 1
      expect(best).toMatchObject({ iteration: first, timesteps: first * 128 })
      expect(best!.evalReturnMean).toBeCloseTo(means[first - 1], 4)
      const { seed } = agentConfig(config, agent)
      const settings = agentConfig(config, agent).envParams
      const played = evaluatePolicy(findEnv(env), loadPolicy(best!.file), 5, evaluationSeed(seed), undefined, settings)
      expect(played.reduce((sum, episode) => sum + episode.return, 0) / 5).toBeCloseTo(means[first - 1], 4)
    }
  })

  test('stopped and continued, or after a lost device, has the same evaluations and the same best policy', async () => {
    const whole = await trainInPage({ env, config })
    const begun = await trainInPage({ env, config, untilTimesteps: 3 * 128 })
    const rest = await trainInPage({ env, config, from: begun.checkpoint! })
    expect(begun.rows.map((rows, agent) => [...rows, ...rest.rows[agent]])).toEqual(whole.rows)
    expect(readCheckpoint(rest.checkpoint!).snapshot).toEqual(readCheckpoint(whole.checkpoint!).snapshot)
    if (plan === 'fused') return
    const lost = await trainInPage({ env, config, loseDeviceAt: [3], withoutSubgroups: true, anotherDevice: true })
    const same = await trainInPage({ env, config, withoutSubgroups: true })
    expect(lost.rows).toEqual(same.rows)
    expect(readCheckpoint(lost.checkpoint!).snapshot).toEqual(readCheckpoint(same.checkpoint!).snapshot)
  })
})

describe('an evaluation is that of the twin', { timeout: 120_000 }, () => {
  test.each<[string, PpoOptions]>([
    ['CartPole-v1', { normObs: true, envParams: { gravity: { uniform: [8, 12] } } }],
    ['Pendulum-v1', { scaleActions: true }],
    ['MinAtar/Breakout-v1', { network: 'mlp', envParams: { stickyActionProb: { uniform: [0, 0.5] } } }],
  ])('%s', async (env, options) => {
    const config = configOf(env, { ...options, evalEvery: 2, evalEpisodes: 7, totalTimesteps: 2 * 128, numAgents: 1 })
    expectTwin(env, config, await trainInPage({ env, config }))
  })
})
